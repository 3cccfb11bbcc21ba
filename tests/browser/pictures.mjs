// Takes the pictures of the documentation: the console's main pages in both languages, one of them dark, one narrow.
// Reads from standard input: {console, chromium, pictures, user: {name, password}}; writes pictures/docs/{en,zh}/NAME.png.
import { mkdirSync, readFileSync } from "node:fs";
import { chromium } from "playwright-core";

const asked = JSON.parse(readFileSync(0, "utf8"));
const WIDE = { width: 1280, height: 860 };
const NARROW = { width: 390, height: 844 };

const browser = await chromium.launch({ executablePath: asked.chromium, args: ["--no-sandbox"] });
for (const [language, folder, view] of [["en", "en", "Open, the worst first"], ["zh-CN", "zh", "待处理，最严重的在前"]]) {
  mkdirSync(`${asked.pictures}/docs/${folder}`, { recursive: true });
  const session = await logIn(language);
  const open = (viewport, colorScheme) => pages(session, language, folder, viewport, colorScheme);
  await light(await open(WIDE, "light"), view);
  await (await open(WIDE, "dark")).take("overview-dark", "/");
  await (await open(NARROW, "light")).take("findings-phone", "/findings?state=open");
}
await browser.close();

/** The pages that each have a picture, at 1280 pixels. */
async function light({ page, take, shoot }, view) {
  await take("overview", "/");
  await page.goto(`${asked.console}/findings?state=open&sort=severity&direction=descending`);
  await page.click(".views summary");
  await page.fill(".views input[name=name]", view);
  await page.click(".views form button");
  await page.waitForSelector(".views nav [aria-current]");
  await shoot("findings");
  await page.click("main tbody a[href^='/findings/']");
  await page.check("input[name=purpose][value=handling]");
  await page.click("main form button");
  await page.waitForSelector("main ol.life");
  await shoot("finding");
  await take("repeats", "/findings?by=repeat");
  await take("answers", "/answers");
  await take("rules", "/rules");
  await take("devices", "/devices?sort=open&direction=descending");
  await page.click("main tbody a[href^='/devices/']");
  await shoot("device");
  await take("registers", "/registers?kind=account");
  await take("policy", "/policy/edit");
  const document = await page.inputValue("textarea[name=document]");
  await page.fill("textarea[name=document]", document.replace('internal = "medium"', 'internal = "high"'));
  await page.click("button[value=simulate]");
  await page.waitForSelector(".cards");
  await shoot("simulation");
  await take("people", "/people");
  await take("trail", "/audit");
  await page.goto(`${asked.console}/findings`);
  await page.click(".views summary");
  await page.click(".views button[value=delete]");
}

/** What logs in everywhere in this language. */
async function logIn(language) {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, locale: language });
  const page = await context.newPage();
  await page.goto(`${asked.console}/login`);
  await page.fill("input[name=name]", asked.user.name);
  await page.fill("input[name=password]", asked.user.password);
  await page.keyboard.press("Enter");
  await page.waitForSelector("header nav");
  const storageState = await context.storageState();
  await context.close();
  return storageState;
}

async function pages(storageState, language, folder, viewport, colorScheme) {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, locale: language, storageState, viewport, colorScheme });
  const page = await context.newPage();
  /** Takes what is open, down to the end of the page or of the window. */
  const shoot = async (name) => {
    const height = await page.evaluate(() => Math.ceil(document.body.getBoundingClientRect().height));
    const clip = { x: 0, y: 0, width: viewport.width, height: Math.min(height, viewport.height) };
    await page.screenshot({ path: `${asked.pictures}/docs/${folder}/${name}.png`, clip });
  };
  const take = async (name, path) => {
    await page.goto(asked.console + path);
    await shoot(name);
  };
  return { page, take, shoot };
}
