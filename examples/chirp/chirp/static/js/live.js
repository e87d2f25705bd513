// New chirps on an open time line. The server's message is a nudge; the chirps come from the page's
// own address for them, so that what was missed while the connection was away comes as well.
import { showLocalTimes } from "./times.js";

const LONGEST_PAUSE = 30_000;

export function keepFeedLive(feed) {
  if (!feed) return;
  const { live, events, fresh } = feed.dataset;
  const pollEvery = Number(feed.dataset.pollSeconds) * 1000;
  const button = document.querySelector("[data-fresh-button]");
  const told = document.querySelector("[data-fresh-told]");
  let waiting = null;
  let running = false;
  let again = false;

  const newest = () => feed.querySelector(".chirp")?.dataset.id ?? "0";
  const mode = (name) => {
    feed.dataset.mode = name;
  };

  async function refresh() {
    if (running) {
      again = true;
      return;
    }
    running = true;
    try {
      const url = new URL(fresh, location);
      url.searchParams.set("after", waiting?.querySelector(".chirp")?.dataset.id ?? newest());
      const answer = await fetch(url, { headers: { "X-Requested-Part": "cards" } });
      if (answer.status !== 200) return;
      const holder = document.createElement("template");
      holder.innerHTML = await answer.text();
      arrived(holder.content, answer.headers.get("X-Gap") === "1");
    } catch {
      // No network: the next connection asks again.
    } finally {
      running = false;
      if (again) {
        again = false;
        refresh();
      }
    }
  }

  function arrived(cards, gap) {
    if (!cards.querySelector(".chirp")) return;
    if (waiting) cards.append(waiting);
    waiting = cards;
    if (gap) {
      button.textContent = "Show the newest chirps";
      button.dataset.reload = "1";
      button.hidden = false;
    } else if (scrollY > 300 || feed.contains(document.activeElement)) {
      // Nothing moves below the eyes, or the focus, of a person who reads.
      const count = cards.querySelectorAll(".chirp").length;
      button.textContent = count === 1 ? "Show 1 new chirp" : `Show ${count} new chirps`;
      button.hidden = false;
      told.textContent = button.textContent;
    } else {
      insert();
    }
  }

  function insert() {
    const cards = waiting;
    waiting = null;
    button.hidden = true;
    const articles = [...cards.querySelectorAll(".chirp")].filter(
      (card) => !document.getElementById(card.id),
    );
    for (const card of articles) card.classList.add("is-new");
    showLocalTimes(cards);
    feed.querySelector(".empty")?.remove();
    feed.prepend(...articles);
    told.textContent = articles.length === 1 ? "1 new chirp" : `${articles.length} new chirps`;
    return articles[0];
  }

  button.addEventListener("click", () => {
    if (button.dataset.reload) {
      location.reload();
      return;
    }
    const first = insert();
    scrollTo({ top: 0, behavior: "instant" });
    first?.querySelector("a.when")?.focus({ preventScroll: true });
  });

  let soon = null;
  function hear(text) {
    const event = JSON.parse(text);
    if (event.type === "gone") {
      document.getElementById(`chirp-${event.id}`)?.remove();
      return;
    }
    // Many people hear of the same chirp: they do not all ask in the same moment.
    soon ??= setTimeout(() => {
      soon = null;
      refresh();
    }, Math.random() * 150);
  }

  let pause = 500;
  let everOpened = false;
  function bySocket() {
    const url = new URL(live, location);
    url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(url);
    socket.onopen = () => {
      everOpened = true;
      pause = 500;
      mode("websocket");
      refresh();
    };
    socket.onmessage = (message) => hear(message.data);
    socket.onclose = () => {
      mode("connecting");
      if (!everOpened) {
        // A proxy, or the server's interface, has no WebSockets.
        byEvents();
        return;
      }
      pause = Math.min(pause * 2, LONGEST_PAUSE);
      setTimeout(bySocket, pause * (0.5 + Math.random()));
    };
  }

  function byEvents() {
    const source = new EventSource(events);
    source.onopen = () => {
      mode("events");
      refresh();
    };
    source.onmessage = (message) => hear(message.data);
    source.onerror = () => {
      // The browser connects again by itself, unless the server has none.
      if (source.readyState === EventSource.CLOSED) byAsking();
    };
  }

  function byAsking() {
    mode("polling");
    setInterval(() => {
      if (!document.hidden) refresh();
    }, pollEvery);
    refresh();
  }

  // A server without live connections (WSGI) names no address for them.
  if (live) bySocket();
  else byAsking();
}
