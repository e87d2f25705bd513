// The server writes UTC into <time datetime>; the person reads local and relative times, in the words
// of the page: "21 Nov 2026, 08:42" is what the server writes too, with its zone.
const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
const two = (number) => String(number).padStart(2, "0");
const day = (date) => `${date.getDate()} ${MONTHS[date.getMonth()]}`;
const dayOfYear = (date) => `${day(date)} ${date.getFullYear()}`;
const exact = (date) => `${dayOfYear(date)}, ${two(date.getHours())}:${two(date.getMinutes())}`;

/** What a person reads: "now", "5 min ago", "3 h ago", "21 Nov", "21 Nov 2024". */
export function wording(date, now) {
  const seconds = Math.round((now - date) / 1000);
  if (seconds < 45) return "now";
  if (seconds < 3600) return `${Math.max(1, Math.round(seconds / 60))} min ago`;
  if (seconds < 86400) return `${Math.round(seconds / 3600)} h ago`;
  return (date.getFullYear() === now.getFullYear() ? day : dayOfYear)(date);
}

function write(root) {
  const now = new Date();
  for (const element of root.querySelectorAll("time[datetime]")) {
    const date = new Date(element.dateTime);
    element.title = exact(date);
    element.textContent =
      element.dataset.show === "day" ? dayOfYear(date)
      : element.dataset.show === "exact" ? exact(date)
      : wording(date, now);
  }
}

export function showLocalTimes(root) {
  write(root);
  if (root === document) setInterval(() => write(document), 30_000);
}
