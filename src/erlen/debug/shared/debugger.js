// The pages of the debugger: folding, copying the traceback, and a console at each frame.
"use strict";

const docReady = (run) =>
  document.readyState === "loading" ? document.addEventListener("DOMContentLoaded", run) : run();

docReady(() => {
  const { secret, trusted, console: isConsolePage } = document.body.dataset;
  let isTrusted = trusted === "yes";

  // In the tracebacks that a console prints.
  document.addEventListener("click", ({ target }) => {
    if (!String(getSelection())) target.closest(".console .source")?.classList.toggle("open");
  });

  const copy = document.querySelector(".copy");
  copy?.addEventListener("click", async () => {
    const area = document.querySelector(".plain textarea");
    try {
      await navigator.clipboard.writeText(area.value);
    } catch {
      // There is no clipboard for pages of other machines without TLS.
      area.closest("details").open = true;
      area.select();
      document.execCommand("copy");
    }
    copy.textContent = "Copied";
    setTimeout(() => (copy.textContent = "Copy as text"), 2000);
  });
  // A link to a frame leads into what is folded.
  addEventListener("hashchange", () => {
    const frame = document.querySelector(`details${location.hash || "#-"}`);
    if (frame) frame.open = true;
  });

  // Without the secret there is no console on this page.
  if (!secret) return;

  const ask = async (command, values = {}) => {
    const response = await fetch(`?__debugger__=yes&cmd=${command}`, {
      method: "POST",
      headers: { "X-Erlen-Debugger": secret },
      body: new URLSearchParams(values),
    });
    return response.ok ? response : Promise.reject(new Error(await response.text()));
  };

  const element = (name, className, text = "") => {
    const made = document.createElement(name);
    made.className = className;
    made.textContent = text;
    return made;
  };

  const askForPin = () =>
    new Promise((resolve) => {
      ask("printpin");
      const dialog = element("dialog", "pin");
      const form = element("form", "");
      const input = element("input", "");
      const message = element("p", "wrong");
      input.name = "pin";
      input.autocomplete = "off";
      input.setAttribute("aria-label", "PIN");
      form.append(
        element("h3", "", "The console is locked"),
        element("p", "", "Enter the PIN that the server has written to its log."),
        input,
        element("button", "", "Unlock"),
        message
      );
      form.addEventListener("submit", async (event) => {
        event.preventDefault();
        const { auth, exhausted } = await (await ask("pinauth", { pin: input.value })).json();
        if (auth) {
          isTrusted = true;
          dialog.close();
        } else {
          message.textContent = exhausted
            ? "There were too many wrong PINs. Restart the server."
            : "This PIN is wrong.";
          input.select();
        }
      });
      dialog.addEventListener("close", () => {
        dialog.remove();
        resolve(isTrusted);
      });
      dialog.append(form);
      document.body.append(dialog);
      dialog.showModal();
    });

  const addFolds = (root) => {
    for (const extended of root.querySelectorAll(".extended:not(.has-button)")) {
      const more = element("button", "more", "…");
      more.type = "button";
      more.addEventListener("click", () => extended.classList.toggle("open"));
      extended.classList.add("has-button");
      extended.before(more);
    }
  };

  const makeConsole = (frame) => {
    const box = element("div", "console");
    const output = element("div", "output");
    const form = element("form", "");
    const prompt = element("code", "prompt", ">>>");
    const input = element("input", "");
    const history = [];
    let position = 0;
    input.autocomplete = "off";
    input.spellcheck = false;
    input.setAttribute("aria-label", "Python");
    form.append(prompt, input);
    box.append(output, form);

    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const code = input.value;
      input.value = "";
      if (code) position = history.push(code);
      const block = element("div", "");
      try {
        const answer = await (await ask("run", { frm: frame, code })).json();
        // The server has escaped it.
        block.innerHTML = answer.output;
        prompt.textContent = answer.more ? "..." : ">>>";
      } catch (error) {
        block.append(element("span", "brokenrepr", `The server did not run it: ${error.message}`));
      }
      addFolds(block);
      output.append(block);
      output.scrollTop = output.scrollHeight;
    });
    input.addEventListener("keydown", (event) => {
      const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      if (!step) return;
      event.preventDefault();
      position = Math.min(Math.max(position + step, 0), history.length);
      input.value = history[position] ?? "";
    });
    return { box, input };
  };

  const openConsole = async (place, frame) => {
    if (!isTrusted && !(await askForPin())) return null;
    const made = makeConsole(frame);
    place.append(made.box);
    made.input.focus();
    return made;
  };

  for (const frame of document.querySelectorAll(".frame")) {
    const button = element("button", "open-console", ">_");
    let made = null;
    button.type = "button";
    button.title = "Open a console in this frame";
    button.addEventListener("click", async () => {
      frame.open = true;
      if (made) made.box.hidden = !made.box.hidden;
      else made = await openConsole(frame, frame.id.replace("frame-", ""));
    });
    frame.append(button);
  }
  if (isConsolePage === "yes") openConsole(document.querySelector(".console-page"), "0");
});
