// Checks the policy while it is typed. Without this script the page's own button does the same.
"use strict";
(() => {
  const form = document.getElementById("edit");
  const said = document.getElementById("said");
  let timer;
  let asking;
  async function check() {
    asking?.abort();
    asking = new AbortController();
    const body = new URLSearchParams();
    body.set("token", form.elements.token.value);
    body.set("document", form.elements.document.value);
    try {
      const answer = await fetch("/policy/check", { method: "POST", body, signal: asking.signal, redirect: "error" });
      if (answer.ok) {
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        said.replaceChildren(...page.body.childNodes);
      }
    } catch {
      // The next key asks again; the button works all the same.
    }
  }
  form.elements.document.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(check, 500);
  });
})();
