// A row of tabs or chips that scrolls: bring the current one into view.
for (const current of document.querySelectorAll(".chips [aria-current], .acct__nav [aria-current]")) {
  const row = current.closest(".chips, ul");
  row.scrollLeft = current.offsetLeft - row.offsetLeft - (row.clientWidth - current.offsetWidth) / 2;
}
