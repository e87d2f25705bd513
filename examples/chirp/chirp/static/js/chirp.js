// What JavaScript adds to pages that work without it. One idea, one module.
import { showLocalTimes } from "./times.js";
import { countCharacters } from "./composer.js";
import { likeInPlace } from "./likes.js";
import { keepFeedLive } from "./live.js";

showLocalTimes(document);
countCharacters(document);
likeInPlace(document);
keepFeedLive(document.querySelector("[data-fresh]"));
