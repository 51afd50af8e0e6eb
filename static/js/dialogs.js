// Dialogs: a page of its own without script, here in front of the page that asked. A link with data-dialog says which.

// Without htmx's attribute in each template: the link's own address is what is fetched.
function prepare(root) {
  for (const link of root.querySelectorAll("a[data-dialog]:not([hx-get])")) {
    link.setAttribute("hx-get", link.getAttribute("href"));
    link.setAttribute("hx-target", "#dialogs");
    link.setAttribute("hx-swap", "innerHTML");
    window.htmx?.process(link);
  }
}

function show(root) {
  const dialog = root.querySelector("dialog[data-modal]:not([open])");
  if (!dialog) {
    return;
  }
  dialog.showModal();
  dialog.addEventListener("close", () => dialog.remove(), { once: true });
  guard(dialog);
}

// The button of a destructive act wakes when the name is typed.
function guard(root) {
  for (const input of root.querySelectorAll("input[data-expects]")) {
    const button = input.form.querySelector(".btn-destroy");
    const judge = () => {
      button.disabled = input.value !== input.dataset.expects;
    };
    input.addEventListener("input", judge);
    judge();
  }
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) {
    document.getElementById(opener.dataset.opens)?.showModal();
    return;
  }
  const dialog = event.target.closest("dialog[open]");
  const closer = event.target.closest("[data-closes]");
  const beside = event.target === dialog && dialog.matches(":modal");
  if (dialog && (closer || beside) && dialog.matches(":modal")) {
    event.preventDefault();
    dialog.close();
  }
});

document.addEventListener("htmx:afterSwap", (event) => {
  prepare(event.target);
  if (event.target.id === "dialogs") {
    show(event.target);
  }
});

prepare(document);
guard(document);
