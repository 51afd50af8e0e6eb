// Keeps "3 min" true while the page is open. Each <time data-ago> or <time data-until> carries its instant in datetime;
// the units are those of srexpert/web/moments.py.

const UNITS = [[60, 1, "s"], [3600, 60, "min"], [48 * 3600, 3600, "h"], [Infinity, 86400, "d"]];

// The server's clock, not the device's, is the one that counts: a page from a moved or wrong clock must still be right.
const drift = measureDrift();

function measureDrift() {
  const first = document.querySelector("time[data-ago]");
  const shown = first && seconds(first.textContent);
  if (shown === null || shown >= 3600) {
    return 0;
  }
  const drifted = Date.now() / 1000 - Date.parse(first.dateTime) / 1000 - shown;
  return Math.abs(drifted) > 120 ? drifted : 0;
}

function seconds(text) {
  let total = null;
  for (const [, number, symbol] of text.matchAll(/(\d+) (s|min|h|d)/g)) {
    total = (total ?? 0) + Number(number) * UNITS.find((unit) => unit[2] === symbol)[1];
  }
  return total;
}

function duration(length, long) {
  const whole = Math.max(Math.floor(length), 0);
  const position = UNITS.findIndex(([limit]) => whole < limit);
  const [, size, symbol] = UNITS[position];
  const rest = position ? Math.floor((whole % size) / UNITS[position - 1][1]) : 0;
  const text = `${Math.floor(whole / size)} ${symbol}`;
  return long && rest ? `${text} ${rest} ${UNITS[position - 1][2]}` : text;
}

function refresh() {
  if (document.hidden) {
    return;
  }
  const now = Date.now() / 1000 - drift;
  for (const element of document.querySelectorAll("time[data-ago], time[data-until]")) {
    const then = Date.parse(element.dateTime) / 1000;
    const ahead = element.dataset.ago === undefined;
    const text = duration(ahead ? then - now : now - then, ahead || element.dataset.ago === "long");
    if (element.textContent !== text) {
      element.textContent = text;
    }
  }
}

setInterval(refresh, 1000);
document.addEventListener("visibilitychange", refresh);
