// Copy buttons: data-copy holds the text; the tick says that it is done.

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) {
    return;
  }
  event.preventDefault();
  await write(button.dataset.copy, button);
  const use = button.querySelector("use");
  const before = use?.getAttribute("href");
  if (!use || button.classList.contains("is-copied")) {
    return;
  }
  button.classList.add("is-copied");
  use.setAttribute("href", before.replace(/#.*/, "#check"));
  setTimeout(() => {
    button.classList.remove("is-copied");
    use.setAttribute("href", before);
  }, 1600);
});

// Plain HTTP on another host than localhost has no clipboard: a selected text field is the older way.
async function write(text, button) {
  if (navigator.clipboard) {
    try {
      await navigator.clipboard.writeText(text);
      return;
    } catch {
      // refused (no focus, no permission): go on with the older way
    }
  }
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "visually-hidden";
  (button.closest("dialog") ?? document.body).append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
  button.focus();
}
