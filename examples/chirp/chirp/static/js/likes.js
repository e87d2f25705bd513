// A like without leaving the page: the form's own answer, in place.
import { showLocalTimes } from "./times.js";

export function likeInPlace(root) {
  root.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.matches("form[data-like]")) return;
    event.preventDefault();
    const button = form.querySelector("button");
    if (button.dataset.busy) return;
    button.dataset.busy = "1";
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        body: new URLSearchParams(new FormData(form)),
        headers: { "X-Requested-Part": "card" },
        redirect: "error",
      });
      if (!answer.ok) throw new Error(String(answer.status));
      const holder = document.createElement("template");
      holder.innerHTML = await answer.text();
      const old = form.closest(".chirp");
      const card = holder.content.querySelector(".chirp");
      card.classList.toggle("chirp-large", old.classList.contains("chirp-large"));
      showLocalTimes(card);
      old.replaceWith(card);
      card.querySelector("form[data-like] button").focus();
    } catch {
      // Logged out, gone, or no network: the plain form says which.
      form.submit();
    }
  });
}
