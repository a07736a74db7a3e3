"use strict";
(function () {
  const root = document.documentElement;
  const buttons = [...document.querySelectorAll(".languages button")];
  function setLanguage(lang) {
    if (!buttons.some((button) => button.lang === lang)) return false;
    root.dataset.lang = root.lang = lang;
    const title = root.querySelector("h1 [data-l='" + lang + "']");
    if (title) document.title = title.textContent;
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.lang === lang));
    for (const link of document.querySelectorAll("a[data-page]")) {
      const wish = new URLSearchParams(link.hash.slice(1));
      wish.set("lang", lang);
      link.hash = wish.toString();
    }
    return true;
  }
  for (const button of buttons) button.addEventListener("click", () => setLanguage(button.lang));
  const wish = () => new URLSearchParams(location.hash.slice(1)).get("lang");
  setLanguage(wish() || root.dataset.lang);
  window.addEventListener("hashchange", () => setLanguage(wish()));
  // A section that is printed or linked to must not be folded.
  window.addEventListener("beforeprint", () => {
    for (const fold of document.querySelectorAll("details")) fold.open = true;
  });
  window.klaster = { language: setLanguage };
  document.body.dataset.ready = "1";
})();
