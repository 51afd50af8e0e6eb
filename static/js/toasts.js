// A message of success goes by itself; one that tells of trouble stays until it is closed.

const SHOWN_MS = 6000;

function watch(toast) {
  if (toast.dataset.toast !== "success" && toast.dataset.toast !== "info") {
    return;
  }
  let timer;
  const start = () => {
    timer = setTimeout(() => toast.close(), SHOWN_MS);
  };
  for (const pause of ["pointerenter", "focusin"]) {
    toast.addEventListener(pause, () => clearTimeout(timer));
  }
  for (const resume of ["pointerleave", "focusout"]) {
    toast.addEventListener(resume, start);
  }
  start();
}

const toasts = document.getElementById("toasts");
toasts?.querySelectorAll("[data-toast]").forEach(watch);
if (toasts) {
  new MutationObserver((changes) => {
    for (const change of changes) {
      change.addedNodes.forEach((node) => node.matches?.("[data-toast]") && watch(node));
    }
  }).observe(toasts, { childList: true });
}
