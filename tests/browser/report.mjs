// The report's page in headless Chromium: wide, phone, dark, print. Not part of `make test`.
//
//   mkdir /tmp/look && cd /tmp/look && npm install axe-core puppeteer-core
//   cp CHECKOUT/tests/browser/report.mjs . && node report.mjs /path/to/report.html
//
// It writes wide.png, phone.png, dark.png and print.pdf beside itself, to be looked at, and exits 1
// if axe-core finds a serious or critical violation, if the page is wider than its window, if it
// asks for anything but itself, or if it loads in more than a second. The contrast of text inside the
// charts it leaves undecided, as SVG is an image to it: tests/unit/test_report_colours.py computes it.
// Chromium is looked for at /usr/bin/chromium; CHROMIUM names another one.

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import puppeteer from 'puppeteer-core';

const page_file = resolve(process.argv[2]);
const axe = readFileSync(new URL('node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');
const browser = await puppeteer.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
});

async function look(name, width, scheme) {
  const page = await browser.newPage();
  const asked = [];
  const said = [];
  page.on('request', (request) => asked.push(request.url()));
  page.on('console', (message) => said.push(message.text()));
  await page.setViewport({ width, height: 800, isMobile: width < 600, deviceScaleFactor: 1 });
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
  await page.goto(`file://${page_file}`);
  const [loaded, excess] = await page.evaluate(() => [
    performance.getEntriesByType('navigation')[0].loadEventEnd,
    document.documentElement.scrollWidth - document.documentElement.clientWidth,
  ]);
  const foreign = asked.slice(1).filter((url) => !url.startsWith('data:'));
  await page.screenshot({ path: `${name}.png`, fullPage: true });
  if (name === 'wide') await page.pdf({ path: 'print.pdf', format: 'A4' });
  await page.setBypassCSP(true); // the page's own policy forbids axe-core, as it should
  await page.reload();
  await page.evaluate(axe);
  const found = await page.evaluate(() => axe.run());
  const serious = found.violations.filter(({ impact }) => /serious|critical/.test(impact));
  const names = ({ id, impact, nodes }) => `${id} (${impact}, ${nodes.length})`;
  console.log(
    `${name}: loaded in ${Math.round(loaded)} ms, ${excess} px too wide, ` +
      `${foreign.length} requests, ${said.length} messages; axe-core: ` +
      `${found.passes.length} rules pass, violations ${found.violations.map(names).join(', ') || 'none'}, ` +
      `undecided ${found.incomplete.map(names).join(', ') || 'none'}`,
  );
  await page.close();
  return serious.length || foreign.length || said.length || excess > 0 || loaded > 1000;
}

const wrong = [
  await look('wide', 1280, 'light'),
  await look('phone', 360, 'light'),
  await look('dark', 1280, 'dark'),
];
await browser.close();
process.exit(wrong.some(Boolean) ? 1 : 0);
