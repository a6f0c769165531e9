// Runs one JavaScript program inside the sandbox: a line of JSON in, `ended output` out.
"use strict";

const crypto = require("node:crypto");
const fs = require("node:fs");
const vm = require("node:vm");

const NAME = /^[A-Za-z_$][\w$]*$/;
const MAX_NODES = 20000;
const MAX_DEPTH = 40;

class TooLarge extends Error {}

// Values as canonical text; what Object.is calls different stays different, but -0 is 0.
function canonical(value, room, depth = 0) {
  room.nodes -= 1;
  if (depth > MAX_DEPTH || room.nodes < 0) throw new TooLarge();
  const kept = (text) => {
    room.bytes -= text.length;
    if (room.bytes < 0) throw new TooLarge();
    return text;
  };
  if (value === null || value === undefined) return kept(String(value));
  if (typeof value === "number") {
    const whole = Number.isSafeInteger(value);
    return kept(`n${whole ? String(value === 0 ? 0 : value) : value.toPrecision(10)}`);
  }
  if (typeof value === "bigint") return kept(`n${value}`);
  if (typeof value === "boolean") return kept(String(value));
  if (typeof value === "string") return kept(`s${value.length}:${value}`);
  if (typeof value === "symbol" || typeof value === "function") return kept(typeof value);
  const each = (items) => Array.from(items, (item) => canonical(item, room, depth + 1));
  const kind = Object.prototype.toString.call(value);
  if (Array.isArray(value) || ArrayBuffer.isView(value)) return `list[${each(value).join()}]`;
  if (kind === "[object Set]") return `set[${each(value).sort().join()}]`;
  if (kind === "[object Map]") return `map[${each(value).sort().join()}]`;
  if (kind === "[object Date]") return kept(`date${value.getTime()}`);
  if (kind === "[object RegExp]") return kept(`regexp${value}`);
  if (kind === "[object Error]") return kept(`error${value.name}`);
  return `object[${each(Object.entries(value)).sort().join()}]`;
}

function digest(value, bytes) {
  const text = canonical(value, { nodes: MAX_NODES, bytes });
  return crypto.createHash("sha256").update(text).digest("hex").slice(0, 32);
}

// A fresh world for a program, with chance in one state and without a console.
function world(printed) {
  let state = 1;
  const math = Object.create(Math, Object.getOwnPropertyDescriptors(Math));
  math.random = () => (state = (state * 48271) % 2147483647) / 2147483647;
  const print = (...what) => void printed.push(what.map(String).join(" "));
  const quiet = { log: print, info: print, debug: print, warn() {}, error() {}, table() {} };
  const module = { exports: {} };
  const given = { Math: math, console: quiet, module, exports: module.exports, require };
  const more = { assert: require("node:assert/strict"), setTimeout, clearTimeout, structuredClone };
  return vm.createContext({ ...given, ...more, URL, TextEncoder, TextDecoder });
}

class Program {
  constructor(told) {
    // An export is what a module gives away; here the name alone is enough.
    this.source = told.source.replace(/^export\s+(?:default\s+)?(?=\S)/gm, "");
    this.entryPoint = told.entry_point;
    this.bytes = told.output_bytes;
  }

  loaded(printed = []) {
    const context = world(printed);
    new vm.Script(this.source, { filename: "program.js" }).runInContext(context);
    return context;
  }

  entry(context) {
    const name = this.entryPoint;
    if (!NAME.test(name)) throw new ReferenceError(name);
    const find = `typeof ${name} !== "undefined" ? ${name} : module.exports.${name} ?? module.exports`;
    return vm.runInContext(find, context);
  }

  async call(text) {
    const context = this.loaded();
    const found = this.entry(context);
    const given = vm.runInContext(text, context);
    return ["value", digest(await found(...given), this.bytes)];
  }

  async script() {
    const printed = [];
    this.loaded(printed);
    return ["value", digest(printed, this.bytes)];
  }

  async test(text) {
    let test;
    try {
      test = new vm.Script(`(async () => {${text}\n})()`, { filename: "test.js" });
    } catch {
      return ["error", "InvalidTest"];
    }
    await test.runInContext(this.loaded());
    return ["value", "passed"];
  }

  async ending(request) {
    if (request.ask === "compile") {
      new vm.Script(this.source);
      return ["value", ""];
    }
    if (request.ask === "load") {
      this.loaded();
      return ["value", ""];
    }
    const first = await this[request.ask](request.text);
    if (first[0] !== "value" || request.ask === "test") return first;
    // A clock that is read has moved on by the second time.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3);
    const second = await this[request.ask](request.text);
    return second[1] === first[1] ? first : ["unstable", ""];
  }
}

function failure(error) {
  if (error instanceof TooLarge) return ["exhausted", "output"];
  let name = "";
  try {
    name = String(error.name);
  } catch {
    // What was thrown is no error, or one that does not like to be read.
  }
  return ["error", /^\w{1,64}$/.test(name) ? name : "Exception"];
}

async function main() {
  let program = null;
  for await (const line of require("node:readline").createInterface({ input: process.stdin })) {
    const request = JSON.parse(line);
    if (program === null) {
      program = new Program(request);
      continue;
    }
    let ending;
    try {
      ending = await program.ending(request);
    } catch (error) {
      ending = failure(error);
    }
    fs.writeSync(1, `${ending.join(" ")}\n`);
  }
}

process.on("unhandledRejection", () => {});
process.on("uncaughtException", () => {});
main();
