// Runs before anything is painted. The theme itself needs no script: tokens.css follows data-bs-theme, and "auto" the device.
// What is here: controls that only work with scripts may show themselves, and a chosen theme is seen at once.
document.documentElement.classList.add("has-script");

document.addEventListener("click", (event) => {
  const choice = event.target.closest("[data-theme-form] button");
  if (choice) {
    document.documentElement.dataset.bsTheme = choice.value;
  }
});
