// The front page: puts this server's address into the snippets and copies them.

for (const place of document.querySelectorAll("[data-origin]")) {
  place.textContent = location.origin;
}

for (const button of document.querySelectorAll("button.copy")) {
  const code = button.closest("article").querySelector("pre code");
  button.addEventListener("click", async () => {
    const copied = await copy(code);
    button.textContent = copied ? "Copied" : "Select and copy";
    setTimeout(() => (button.textContent = "Copy"), 1_500);
  });
}

/** Copies an element's text; where the browser does not allow that, selects it -> copied? */
async function copy(element) {
  try {
    await navigator.clipboard.writeText(element.textContent);
    return true;
  } catch {
    getSelection().selectAllChildren(element);
    return false;
  }
}
