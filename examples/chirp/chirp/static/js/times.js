// The server writes UTC into <time datetime>; the person reads local and relative times.
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "long", timeStyle: "short" });
const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const dayOfYear = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto", style: "narrow" });

/** What a person reads: "now", "5 min. ago", "21 Nov", "21 Nov 2024". */
export function wording(date, now) {
  const seconds = Math.round((date - now) / 1000);
  if (seconds > -45) return relative.format(0, "second");
  if (seconds > -3600) return relative.format(Math.min(-1, Math.round(seconds / 60)), "minute");
  if (seconds > -86400) return relative.format(Math.round(seconds / 3600), "hour");
  return (date.getFullYear() === now.getFullYear() ? day : dayOfYear).format(date);
}

function write(root) {
  const now = new Date();
  for (const element of root.querySelectorAll("time[datetime]")) {
    const date = new Date(element.dateTime);
    element.title = exact.format(date);
    element.textContent =
      element.dataset.show === "day" ? dayOfYear.format(date)
      : element.dataset.show === "exact" ? exact.format(date)
      : wording(date, now);
  }
}

export function showLocalTimes(root) {
  write(root);
  if (root === document) setInterval(() => write(document), 30_000);
}
