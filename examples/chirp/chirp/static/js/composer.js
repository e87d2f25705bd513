// How many characters are left, counted as a person counts them. The server decides.
const segmenter = "Segmenter" in Intl ? new Intl.Segmenter(undefined, { granularity: "grapheme" }) : null;

function count(text) {
  const trimmed = text.trim().normalize("NFC");
  return segmenter ? [...segmenter.segment(trimmed)].length : [...trimmed].length;
}

export function countCharacters(root) {
  for (const area of root.querySelectorAll("textarea[data-most]")) {
    const most = Number(area.dataset.most);
    const shown = area.form.querySelector("[data-left]");
    const told = area.form.querySelector("[data-left-told]");
    shown.hidden = false;
    area.form.querySelector("[data-most-told]").classList.add("visually-hidden");
    const update = () => {
      const left = most - count(area.value);
      shown.textContent = String(left);
      shown.classList.toggle("is-over", left < 0);
      // A screen reader hears it near the end alone, not at each key.
      const words = left < 0 ? `${-left} characters too many` : left <= 20 ? `${left} characters left` : "";
      if (told.textContent !== words) told.textContent = words;
    };
    area.addEventListener("input", update);
    area.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        area.form.requestSubmit();
      }
    });
    update();
  }
}
