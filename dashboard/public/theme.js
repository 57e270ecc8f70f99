// Runs before the first paint, so that nobody who chose dark sees a flash of light. A file, because the policy allows no inline script.
try {
  const chosen = localStorage.getItem('openledger.theme')
  if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen
} catch {
  // Storage may be forbidden; then the system decides.
}
