// Opens the console as each user, in both languages, wide and narrow, light and dark, and follows every tab and the first
// row of every table; and the pages that need no log-in. Reads from standard input: {console, chromium, pictures, users: [{name, password, role}], open: [paths]}.
// Prints a line for each fault and ends with 1 if there is any.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const asked = JSON.parse(readFileSync(0, "utf8"));
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const VIEWS = [
  { language: "zh-CN", width: 1280, colorScheme: "light" },
  { language: "en", width: 1280, colorScheme: "dark" },
  { language: "zh-CN", width: 390, colorScheme: "dark" },
  { language: "en", width: 390, colorScheme: "light" },
];
const PAGE_BYTES = 100 * 1024;
const faults = [];

const browser = await chromium.launch({ executablePath: asked.chromium, args: ["--no-sandbox"] });
for (const user of asked.users) {
  for (const view of VIEWS) {
    await look(user, view);
  }
}
for (const view of VIEWS) {
  await look({ role: "nobody" }, view);
}
await browser.close();
faults.forEach((fault) => console.log(fault));
process.exit(faults.length ? 1 : 0);

async function look(user, view) {
  const context = await browser.newContext({
    ignoreHTTPSErrors: true,
    locale: view.language,
    colorScheme: view.colorScheme,
    viewport: { width: view.width, height: 900 },
  });
  const page = await context.newPage();
  const here = (path) => `${user.role} ${view.language} ${view.width} ${path}`;
  page.on("request", (request) => {
    if (!request.url().startsWith(asked.console)) faults.push(`${here(page.url())}: asks ${request.url()}`);
  });
  page.on("console", (message) => {
    if (message.type() === "error") faults.push(`${here(page.url())}: ${message.text()}`);
  });
  const seen = new Set();
  if (user.role === "nobody") {
    for (const path of asked.open) await check(path);
    return context.close();
  }
  await logIn(page, user);
  const tabs = await page.$$eval("header nav a", (links) => links.map((link) => link.getAttribute("href")));
  if (!tabs.length) faults.push(`${here("/")}: no tabs after log-in`);
  for (const path of tabs) {
    await check(path);
    const first = await page.$("main table:not(.bars) tbody tr a[href^='/']");
    const row = first && (await first.getAttribute("href"));
    if (row) await check(row);
  }
  for (const path of ["/findings", "/devices"]) if (tabs.includes(path)) await order(path);
  if (tabs.includes("/policy")) await policyDesk();
  if (tabs.includes("/requests")) await requests();
  if (tabs.includes("/integrations")) {
    for (const kind of ["syslog", "webhook", "feishu"]) await check(`/integrations/new?kind=${kind}`, `integrations-new-${kind}`);
  }
  await keyboard(page, here("keyboard"), tabs);
  await context.close();

  /** A list is turned round by the head of a column, and the order kept as a view until that is deleted. */
  async function order(path) {
    await page.goto(asked.console + path);
    // On a telephone they stand above the list.
    const head = page.locator("main th a").nth(1);
    await head.click();
    const first = await page.getAttribute("main th[aria-sort]", "aria-sort");
    await head.click();
    if (first === (await page.getAttribute("main th[aria-sort]", "aria-sort"))) faults.push(`${here(path)}: is not turned round`);
    await page.click(".views summary");
    await page.fill(".views input[name=name]", "<b>视图");
    await page.click(".views form button");
    await page.waitForSelector(".views nav [aria-current]").catch(() => faults.push(`${here(path)}: the view is not above the list`));
    await page.click(".views summary");
    await judge(path, `${path.slice(1)}-views`);
    await page.click(".views button[value=delete]");
    if (await page.$(".views button[value=delete]")) faults.push(`${here(path)}: the view is not deleted`);
  }

  /** The policy's own pages, as far as the user is led to them; in the editor the faults follow what is typed. */
  async function policyDesk() {
    await page.goto(`${asked.console}/policy`);
    const pages = await page.$$eval("main a[href^='/policy/']", (links) => links.map((link) => link.getAttribute("href")));
    for (const path of [...new Set(pages), "/policy/compare?from=1&to=2"]) await check(path, path.split("?")[0].slice(1).replace("/", "-"));
    if (!pages.includes("/policy/edit")) return;
    await page.goto(`${asked.console}/policy/edit`);
    await page.locator("textarea[name=document]").pressSequentially("nonsense = 1\n");
    await page.waitForSelector("#said .faults").catch(() => faults.push(`${here("/policy/edit")}: no fault is shown while it is typed`));
    await page.screenshot({ path: `${asked.pictures}/${user.role}-policy-faults-${view.language}-${view.width}.png`, fullPage: true });
    await page.click("button[value=check]");
    await page.click("button[value=discard]");
    await page.goto(`${asked.console}/policy/edit`);
    await page.click("button[value=simulate]");
    await page.waitForSelector(".cards");
    await check("/policy/simulate", "policy-simulated");
  }

  /** What somebody asks of their own data, from the search to the decision, and what can be deleted. */
  async function requests() {
    await check("/requests?name=%E5%91%98%E5%B7%A5%E7%94%B2", "requests-found");
    await page.goto(`${asked.console}/devices?binding=retired`);
    const retired = await page.getAttribute("main tbody a[href^='/devices/']", "href");
    await check(retired, "devices-retired");
    await check(await page.getAttribute("main a[href^='/corrections/new']", "href"), "corrections-new");
    for (const name of ["person", "wrong", "wanted", "reason"]) await page.fill(`input[name=${name}]`, "示例");
    await page.click("main form button");
    await page.waitForSelector("input[name=answer]");
    await check(new URL(page.url()).pathname, "corrections-one");
    await page.fill("input[name=answer]", "示例");
    await page.click("button[value=accept]");
    await page.waitForSelector("main dl");
    await check(retired, "devices-corrected");
  }

  async function check(path, name) {
    const kind = name ?? path.split("?")[0].split("/")[1] + (path.split("/").length > 2 ? "-one" : "");
    if (seen.has(kind)) return;
    seen.add(kind);
    const answer = await page.goto(asked.console + path);
    if (answer.status() !== 200) return faults.push(`${here(path)}: status ${answer.status()}`);
    if (await page.$("input[name=purpose]")) {
      // Whoever looks at an employee's findings says first for what.
      await judge(path, "purpose");
      await page.check("input[name=purpose][value=handling]");
      await page.click("main form button");
      await page.waitForSelector("main ol.life");
    }
    await judge(path, kind);
  }

  /** What must hold of the page that is open, and its picture. */
  async function judge(path, kind) {
    const size = Buffer.byteLength(await page.content());
    if (size > PAGE_BYTES) faults.push(`${here(path)}: ${size} bytes`);
    const tooWide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (tooWide > 0) faults.push(`${here(path)}: ${tooWide} pixels wider than the window`);
    if (path !== "/policy/edit" && (await page.$("script"))) faults.push(`${here(path)}: has a script`);
    const language = await page.getAttribute("html", "lang");
    if (language !== view.language) faults.push(`${here(path)}: speaks ${language}`);
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => globalThis.axe.run({ resultTypes: ["violations"] }));
    for (const { id, nodes } of violations) {
      faults.push(`${here(path)}: ${id} at ${nodes.map((node) => node.target.join(" ")).slice(0, 3).join(", ")}`);
    }
    const picture = `${user.role}-${kind || "overview"}-${view.language}-${view.width}.png`;
    await page.screenshot({ path: `${asked.pictures}/${picture}`, fullPage: true });
  }
}

async function logIn(page, { name, password }) {
  await page.goto(`${asked.console}/login`);
  await page.fill("input[name=name]", name);
  await page.fill("input[name=password]", password);
  await page.keyboard.press("Enter");
  await page.waitForSelector("header nav");
}

/** Every tab can be reached and opened with Tab and Enter alone. */
async function keyboard(page, here, tabs) {
  const last = tabs[tabs.length - 1];
  await page.goto(`${asked.console}${tabs[0]}`);
  for (let step = 0; step < 40; step++) {
    await page.keyboard.press("Tab");
    const at = await page.evaluate(() => document.activeElement?.getAttribute("href"));
    if (at === last) {
      await page.keyboard.press("Enter");
      await page.waitForURL(`${asked.console}${last}`);
      return;
    }
  }
  faults.push(`${here}: the tab ${last} is not reached`);
}
