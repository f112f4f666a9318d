"use strict";
// The studio sends the whole state it wants; this page brings it about and says where it is.
const $ = (id) => document.getElementById(id);
const sounds = new Map(); // id -> audio element; the last few stay loaded, so that A and B change without a gap
let state = null, now = null, order = -1, blocked = false, failed = false, volume = 0, own = 1;
let levels = null; // palette of the spectrogram

const audio = (id) => {
  let element = sounds.get(id);
  if (!element) {
    element = new Audio(`sound/${id}`);
    element.preload = "auto";
    element.addEventListener("ended", report);
    element.addEventListener("loadedmetadata", report);
    element.addEventListener("error", () => { if (now && now.id === id) { failed = true; say("this browser can't decode this file", true); report(); } });
    sounds.set(id, element);
    while (sounds.size > 6) {
      const [oldest, gone] = sounds.entries().next().value;
      if (now && oldest === now.id) { sounds.delete(oldest); sounds.set(oldest, gone); continue; }
      gone.removeAttribute("src"); gone.load(); sounds.delete(oldest);
    }
  }
  return element;
};
const current = () => (now ? audio(now.id) : null);
const say = (words, warn = false) => { $("say").textContent = words; $("say").className = warn ? "warn" : ""; };
const clock = (seconds) => {
  const s = Math.max(0, seconds || 0);
  return `${Math.floor(s / 60)}:${(Math.floor((s % 60) * 10) / 10).toFixed(1).padStart(4, "0")}`;
};
const level = () => {
  for (const [id, element] of sounds) {
    const gain = now && id === now.id ? own : 1;
    element.volume = volume <= -60 ? 0 : Math.min(1, gain * 10 ** (volume / 20));
  }
};

function show(sound) {
  $("title").textContent = sound.title;
  document.title = `${sound.title} · woodshed`;
  draw(sound);
}

async function bytes(kind, sound) {
  const answer = await fetch(`${kind}/${sound.id}`);
  return answer.ok ? new Uint8Array(await answer.arrayBuffer()) : null;
}

async function draw(sound) {
  const wave = $("wave"), heat = $("heat");
  wave.getContext("2d").clearRect(0, 0, wave.width, wave.height);
  heat.hidden = !sound.heat;
  if (sound.wave) {
    const peaks = await bytes("wave", sound);
    if (peaks && now && now.id === sound.id) drawWave(wave, new Int8Array(peaks.buffer));
  }
  if (sound.heat) {
    const picture = await bytes("heat", sound);
    if (picture && now && now.id === sound.id) drawHeat(heat, picture, ...sound.heat);
  }
}

function drawWave(canvas, peaks) {
  const pen = canvas.getContext("2d"), count = peaks.length / 2, middle = canvas.height / 2;
  pen.fillStyle = getComputedStyle(document.body).getPropertyValue("--wave");
  for (let i = 0; i < count; i++) {
    const low = peaks[2 * i] / 127 * middle, high = peaks[2 * i + 1] / 127 * middle;
    const x = i * canvas.width / count;
    pen.fillRect(x, middle - high, Math.max(1, canvas.width / count), Math.max(1, high - low));
  }
}

function drawHeat(canvas, picture, width, height) {
  if (picture.length < width * height || !levels) return;
  const small = new ImageData(width, height);
  for (let i = 0; i < width * height; i++) {
    const [r, g, b] = levels[picture[i] * levels.length >> 8];
    small.data.set([r, g, b, 255], 4 * i);
  }
  const buffer = new OffscreenCanvas(width, height);
  buffer.getContext("2d").putImageData(small, 0, 0);
  canvas.getContext("2d").drawImage(buffer, 0, 0, canvas.width, canvas.height);
}

async function play(element) {
  try {
    await element.play();
    if (blocked) say("");
    blocked = false;
  } catch (error) {
    if (error.name === "NotAllowedError") {
      blocked = true;
      say("this browser wants a click, once, before it makes a sound: click anywhere or press space", true);
    }
  }
  report();
}

function take(next) {
  if (next.colors && !levels) {
    for (const [name, color] of Object.entries(next.colors.colors || {})) document.documentElement.style.setProperty(`--${name}`, color);
    levels = next.colors.heat || [[0, 0, 0], [255, 255, 255]];
  }
  for (const side of ["a", "b"]) {
    const one = next.pair[side];
    $(side).disabled = !one;
    if (one) { $(side).title = one.title; audio(one.id); }
  }
  state = next;
  if (next.order === order) return;
  order = next.order;
  if (!next.sound) return;
  const changed = !now || now.id !== next.sound.id;
  if (changed && now) current().pause();
  now = next.sound;
  own = next.gain;
  turn(next.volume);
  failed = false;
  const element = current();
  for (const [id, other] of sounds) if (id !== now.id) other.pause();
  element.loop = next.loop;
  level();
  if (changed) { show(now); if (!blocked) say(""); }
  if (changed || Math.abs(element.currentTime - next.at) > 0.15) seek(element, next.at);
  if (next.playing) play(element); else { element.pause(); report(); }
  paint();
}

function seek(element, seconds) {
  if (element.readyState >= 1) element.currentTime = seconds;
  else element.addEventListener("loadedmetadata", () => { element.currentTime = seconds; }, { once: true });
}

let last = "";
function report() {
  const element = current();
  if (!element) return;
  const told = JSON.stringify({
    order, sound: now.id, at: element.currentTime, seconds: Number.isFinite(element.duration) ? element.duration : 0,
    playing: !element.paused && !element.ended, blocked, failed, volume, loop: element.loop,
  });
  if (told === last) return;
  last = told;
  fetch("told", { method: "POST", body: told, headers: { "Content-Type": "application/json" } }).catch(() => {});
}

function paint() {
  const element = current();
  if (!element) return;
  const seconds = Number.isFinite(element.duration) ? element.duration : now.seconds;
  $("place").textContent = `${clock(element.currentTime)} / ${clock(seconds)}`;
  $("head").style.left = `${seconds ? element.currentTime / seconds * 100 : 0}%`;
  $("play").textContent = element.paused || element.ended ? "play" : "pause";
  $("loop").setAttribute("aria-pressed", element.loop);
  $("pictures").setAttribute("aria-valuemax", seconds || 0);
  $("pictures").setAttribute("aria-valuenow", element.currentTime);
  for (const side of ["a", "b"]) {
    const one = state.pair[side];
    $(side).setAttribute("aria-pressed", Boolean(one && one.id === now.id));
  }
  if (!element.paused && !element.ended) requestAnimationFrame(paint);
}
setInterval(() => { const element = current(); if (element && !element.paused) report(); }, 500);

function toggle() {
  const element = current();
  if (!element) return;
  if (element.paused || element.ended) play(element).then(paint); else { element.pause(); report(); }
  paint();
}
function move(by) {
  const element = current();
  if (element) { element.currentTime = Math.max(0, element.currentTime + by); report(); paint(); }
}
function swap(side) {
  const next = state && state.pair[side], element = current();
  if (!next || !element || next.id === now.id) return;
  const other = audio(next.id), playing = !element.paused && !element.ended;
  const at = element.currentTime;
  own = next.gain;
  now = next;
  other.loop = element.loop;
  level();
  seek(other, at);
  element.pause();
  show(now);
  if (playing) play(other).then(paint); else report();
  paint();
}
const otherSide = () => (state && state.pair.a && now && state.pair.a.id === now.id ? "b" : "a");
function turn(to) { volume = Math.max(-60, Math.min(0, to)); $("volume").value = volume; level(); report(); }
function loop() { const element = current(); if (element) { element.loop = !element.loop; report(); paint(); } }

const keys = {
  " ": toggle, ArrowLeft: () => move(-1), ArrowRight: () => move(1), "[": () => move(-1), "]": () => move(1),
  "{": () => move(-10), "}": () => move(10), l: loop, "\\": loop, "+": () => turn(volume + 3), "=": () => turn(volume + 3), "-": () => turn(volume - 3),
  a: () => swap("a"), b: () => swap("b"), x: () => swap(otherSide()),
};
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
  event.preventDefault();
  keys[event.key]();
});
document.addEventListener("click", (event) => { if (blocked && event.target.id !== "play" && current()) play(current()).then(paint); });
$("play").addEventListener("click", toggle);
$("loop").addEventListener("click", loop);
$("a").addEventListener("click", () => swap("a"));
$("b").addEventListener("click", () => swap("b"));
$("volume").addEventListener("input", (event) => turn(Number(event.target.value)));
$("pictures").addEventListener("click", (event) => {
  const element = current(), box = $("pictures").getBoundingClientRect();
  if (element && Number.isFinite(element.duration)) { element.currentTime = (event.clientX - box.left) / box.width * element.duration; report(); paint(); }
});
for (const button of document.querySelectorAll("button")) button.addEventListener("click", () => button.blur());

const events = new EventSource("events");
events.onopen = () => { $("link").textContent = "connected"; };
events.onerror = () => { $("link").textContent = "the studio is gone; this page waits for it"; };
events.onmessage = (event) => take(JSON.parse(event.data));
