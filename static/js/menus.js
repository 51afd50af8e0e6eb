// Menus are <details data-menu>: they open without us. Here: one open at a time, closed by Escape or a click beside, arrows within.

const open = () => document.querySelectorAll("details[data-menu][open]");

function close(menu, refocus) {
  menu.open = false;
  if (refocus) {
    menu.querySelector("summary").focus();
  }
}

document.addEventListener("click", (event) => {
  for (const menu of open()) {
    if (!menu.contains(event.target)) {
      close(menu, false);
    }
  }
});

document.addEventListener("focusin", (event) => {
  for (const menu of open()) {
    if (!menu.contains(event.target)) {
      close(menu, false);
    }
  }
});

document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.("details[data-menu][open]");
  if (!menu) {
    return;
  }
  if (event.key === "Escape") {
    close(menu, true);
    event.preventDefault();
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    const entries = [...menu.querySelectorAll(".menu-entry")];
    const here = entries.indexOf(document.activeElement);
    const step = event.key === "ArrowDown" ? 1 : -1;
    entries[(here + step + entries.length) % entries.length]?.focus();
    event.preventDefault();
  }
});
