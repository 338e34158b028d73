// Opens saved chart pages in headless Chromium with the network off and checks that every figure is drawn.
//   node check.mjs PAGE.html [PAGE.html ...] [--screenshot DIR] [--expect-traces N] [--width PIXELS] [--height PIXELS]
// Once before: npm ci. The browser is /usr/bin/chromium, or what CHROMIUM names.
// Prints one JSON line a page; the exit code is 0 when every page passes, 1 when one fails, 2 on wrong usage.
import { existsSync, mkdirSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { chromium } from "playwright-core";

const usage = "usage: node check.mjs PAGE.html [...] [--screenshot DIR] [--expect-traces N] [--width PX] [--height PX]";

function readArguments() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        screenshot: { type: "string" },
        "expect-traces": { type: "string" },
        width: { type: "string", default: "1200" },
        height: { type: "string", default: "900" },
      },
    });
    const whole = (name) => {
      if (values[name] === undefined) return null;
      if (!/^\d+$/.test(values[name])) throw new Error(`--${name} takes a whole number, not '${values[name]}'`);
      return Number(values[name]);
    };
    if (positionals.length === 0) throw new Error("no page given");
    return {
      pages: positionals,
      screenshot: values.screenshot ?? null,
      expectTraces: whole("expect-traces"),
      width: whole("width"),
      height: whole("height"),
    };
  } catch (error) {
    console.error(`${error.message}\n${usage}`);
    process.exit(2);
  }
}

/** Runs in the page: for each figure what it was given, what Plotly made of it, and what is on the screen. */
function inspect() {
  const finite = (value) => typeof value === "number" && Number.isFinite(value);
  const length = (value) => (value == null ? 0 : value.length);
  // traces of nothing but gaps have nothing to draw
  const hasData = (trace) => {
    // a heatmap's numbers are rows of z
    if (trace.type === "heatmap") return (trace.z ?? []).some((row) => row.some(finite));
    for (let i = 0; i < Math.min(length(trace.x), length(trace.y)); i++) {
      if (finite(trace.x[i]) && finite(trace.y[i])) return true;
    }
    return false;
  };

  return [...document.querySelectorAll(".plot")].map((place) => {
    const given = JSON.parse(document.getElementById(`${place.id}-data`).textContent);
    const full = place._fullData ?? [];
    const box = place.getBoundingClientRect();
    const drawnPath = (path) => (path.getAttribute("d") ?? "").length > 2;
    // a heatmap is an image of its own layer
    const heatmaps = [...place.querySelectorAll(".heatmaplayer .hm")];
    const contours = [...place.querySelectorAll(".contourlayer .contour")];
    const svgTraces = [...place.querySelectorAll(".cartesianlayer .trace"), ...heatmaps, ...contours];
    const emptyTraces = svgTraces.filter((trace) => {
      if (heatmaps.includes(trace)) return ![...trace.querySelectorAll("image")].some((image) => image.width.baseVal.value > 0);
      const paths = [...trace.querySelectorAll("path")];
      return !paths.some(drawnPath) && trace.querySelectorAll("text").length === 0;
    });
    const glPixels = [...place.querySelectorAll("canvas.gl-canvas-context, canvas.gl-canvas-focus")].map((canvas) => {
      const gl = canvas.getContext("webgl2") ?? canvas.getContext("webgl");
      return gl === null || gl.isContextLost() ? 0 : canvas.width * canvas.height;
    });
    const titles = [...place.querySelectorAll(".g-xtitle, .g-ytitle, .legend, .gtitle")].filter((element) => {
      const inner = element.getBoundingClientRect();
      const outside =
        inner.left < box.left - 1 || inner.right > box.right + 1 || inner.top < box.top - 1 || inner.bottom > box.bottom + 1;
      return inner.width > 0 && outside;
    });
    return {
      id: place.id,
      given: given.data.length,
      withData: given.data.filter(hasData).length,
      visible: full.filter((trace) => trace.visible === true).length,
      svg: svgTraces.length,
      svgExpected: full.filter((trace) => trace.visible === true && trace.type !== "scattergl").length,
      empty: emptyTraces.length,
      gl: full.filter((trace) => trace.visible === true && trace.type === "scattergl").length,
      glPixels: Math.max(0, ...glPixels),
      frames: (given.frames ?? []).length,
      framesKept: place._transitionData?._frames?.length ?? 0,
      cutOff: titles.map((element) => element.textContent),
      width: Math.round(box.width),
      height: Math.round(box.height),
    };
  });
}

function faultsOf(figure) {
  const faults = [];
  const fault = (text) => faults.push(`${figure.id}: ${text}`);
  if (figure.given === 0) fault("it has no traces");
  if (figure.visible !== figure.given) fault(`${figure.visible} of ${figure.given} traces are visible`);
  if (figure.withData !== figure.given) fault(`${figure.withData} of ${figure.given} traces have data`);
  if (figure.svg !== figure.svgExpected) fault(`${figure.svg} of ${figure.svgExpected} traces are in the drawing`);
  if (figure.empty > 0) fault(`${figure.empty} traces have no path`);
  if (figure.gl > 0 && figure.glPixels === 0) fault("WebGL traces have no canvas");
  if (figure.framesKept !== figure.frames) fault(`${figure.framesKept} of ${figure.frames} frames are kept`);
  if (figure.cutOff.length > 0) fault(`cut off: ${figure.cutOff.join(" | ")}`);
  if (figure.width < 200 || figure.height < 200) fault(`only ${figure.width} x ${figure.height} pixels`);
  return faults;
}

// Chromium's own remarks on reading WebGL back for a screenshot say nothing of the page
const isRemarkOnDriver = (text) => /GL Driver Message|GPU stall due to ReadPixels/.test(text);

async function check(browser, path, options) {
  const context = await browser.newContext({
    viewport: { width: options.width, height: options.height },
    offline: true,
  });
  const faults = [];
  try {
    await context.route("**/*", (route) => {
      const address = route.request().url();
      if (/^(file|data|blob):/.test(address)) return route.continue();
      faults.push(`asked the network for ${address}`);
      return route.abort();
    });
    const page = await context.newPage();
    page.on("pageerror", (error) => faults.push(`page error: ${error.message}`));
    page.on("console", (message) => {
      const bad = message.type() === "error" || message.type() === "warning";
      if (bad && !isRemarkOnDriver(message.text())) faults.push(`console ${message.type()}: ${message.text()}`);
    });
    await page.goto(pathToFileURL(resolve(path)).href, { waitUntil: "load", timeout: 60000 });
    await page
      .waitForFunction(
        () => [...document.querySelectorAll(".plot")].every((place) => place.dataset.drawn === "true"),
        null,
        { timeout: 30000 },
      )
      .catch(() => faults.push("the figures were not drawn within 30 seconds"));
    // two frames: the drawing is on the screen, and the legends have taken their room
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    await page.waitForTimeout(300);
    const figures = await page.evaluate(inspect);
    if (figures.length === 0) faults.push("there is no figure in the page");
    for (const figure of figures) faults.push(...faultsOf(figure));
    const traces = figures.reduce((sum, figure) => sum + figure.visible, 0);
    if (options.expectTraces !== null && traces !== options.expectTraces) {
      faults.push(`expected ${options.expectTraces} traces, found ${traces}`);
    }
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (wider > 0) faults.push(`the page is ${wider} pixels wider than the window`);
    for (const figure of figures.filter((f) => f.frames > 0)) {
      // the last frame can be reached, and then the figure holds that frame's traces
      const moved = await page.evaluate(async (id) => {
        const place = document.getElementById(id);
        const frames = JSON.parse(document.getElementById(`${id}-data`).textContent).frames;
        const last = frames[frames.length - 1];
        await Plotly.animate(place, [last.name], { mode: "immediate", frame: { duration: 0 }, transition: { duration: 0 } });
        return last.data.every((trace, i) => JSON.stringify(trace.y) === JSON.stringify(place.data[i].y));
      }, figure.id);
      if (!moved) faults.push(`${figure.id}: the last frame is not shown when asked for`);
    }
    let screenshot;
    if (options.screenshot !== null) {
      screenshot = join(options.screenshot, `${basename(path).replace(/\.html?$/i, "")}-${options.width}.png`);
      await page.screenshot({ path: screenshot, fullPage: true });
    }
    return { page: path, ok: faults.length === 0, traces, faults, figures, screenshot };
  } catch (error) {
    faults.push(error.message);
    return { page: path, ok: false, traces: 0, faults, figures: [] };
  } finally {
    await context.close();
  }
}

const options = readArguments();
const missing = options.pages.filter((path) => !existsSync(path));
if (missing.length > 0) {
  console.error(`there is no file ${missing.join(", ")}`);
  process.exit(2);
}
if (options.screenshot !== null) mkdirSync(options.screenshot, { recursive: true });

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
});
let failed = false;
try {
  for (const path of options.pages) {
    const result = await check(browser, path, options);
    failed ||= !result.ok;
    console.log(JSON.stringify(result));
  }
} finally {
  await browser.close();
}
process.exit(failed ? 1 : 0);
