// How long pages take until something of them is seen: first-contentful-paint, from the click on, in milliseconds.
// Reads from standard input: {console, chromium, user: {name, password}, paths, looks}; prints {path: [ms, …]} as JSON.
import { readFileSync } from "node:fs";
import { chromium } from "playwright-core";

const asked = JSON.parse(readFileSync(0, "utf8"));
const browser = await chromium.launch({ executablePath: asked.chromium, args: ["--no-sandbox"] });
const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 1280, height: 900 } });
const page = await context.newPage();
await page.goto(`${asked.console}/login`);
await page.fill("input[name=name]", asked.user.name);
await page.fill("input[name=password]", asked.user.password);
await page.keyboard.press("Enter");
await page.waitForSelector("header nav");
const seen = {};
for (const path of asked.paths) {
  seen[path] = [];
  for (let look = 0; look < asked.looks; look++) {
    await page.goto(asked.console + path);
    seen[path].push(await page.evaluate(firstPaint));
  }
}
await browser.close();
console.log(JSON.stringify(seen));

function firstPaint() {
  const painted = () => performance.getEntriesByName("first-contentful-paint")[0]?.startTime;
  return new Promise((resolve) => {
    if (painted()) return resolve(painted());
    new PerformanceObserver(() => painted() && resolve(painted())).observe({ type: "paint", buffered: true });
  });
}
