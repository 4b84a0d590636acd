// Nothing here is needed: it only saves steps for those who run scripts.
"use strict";
(() => {
  // An invite link carries its code behind the #, which no server and no log ever sees.
  const code = document.getElementById("code");
  if (code && location.hash.length > 8) {
    code.value = decodeURIComponent(location.hash.slice(1));
    history.replaceState(null, "", location.pathname);
    document.getElementById("code-field").hidden = true;
    document.getElementById("ready").hidden = false;
    document.querySelector("#join button").focus();
  }

  // A mouse paints hours: down on one, over the others.
  const boxes = [...document.querySelectorAll('.hour input[type="checkbox"]')];
  let painting = null;
  const hourAt = (target) => target instanceof Element ? target.closest(".hour")?.querySelector("input") : null;
  document.addEventListener("pointerdown", (event) => {
    const box = event.pointerType === "mouse" && event.button === 0 ? hourAt(event.target) : null;
    painting = box ? { to: !box.checked, first: box } : null;
  });
  document.addEventListener("pointerover", (event) => {
    const box = painting ? hourAt(event.target) : null;
    if (!box || event.buttons !== 1) return;
    if (box !== painting.first) {
      painting.first.checked = painting.to;
      painting.moved = true;
      box.checked = painting.to;
    }
  });
  document.addEventListener("click", (event) => {
    // What was painted is not toggled again by the click that ends it.
    if (painting?.moved && hourAt(event.target)) event.preventDefault();
    const box = event.target;
    if (event.shiftKey && boxes.includes(box) && last && last !== box) {
      const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)].sort((a, b) => a - b);
      boxes.slice(from, to + 1).forEach((between) => { between.checked = box.checked; });
    }
    if (boxes.includes(box)) last = box;
    painting = null;
  });
  let last = null;
})();
