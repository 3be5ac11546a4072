// The models, off the page's thread. Everything is loaded from the page's own folder.

const asked = self.fetch.bind(self);

/** The page's policy does not bind a worker, so it refuses other hosts itself. */
self.fetch = (request, options) => {
  const url = new URL(request instanceof Request ? request.url : request, self.location.href);
  if (url.origin !== self.location.origin) return Promise.reject(new TypeError(`${url.host}: another host`));
  return asked(request, options);
};

const MASK = "[MASK]";
const TOP = 10;
const here = (path) => new URL(path, self.location.href).href;

const models = new Map(); // by name, once loaded: { model, tokenizer }
let verdicts = new Map(); // by token id

async function start(settings) {
  verdicts = new Map(["wanted", "unwanted"].flatMap((verdict) => settings[verdict].map((id) => [id, verdict])));
  const { AutoModelForMaskedLM, AutoTokenizer, env } = await import("./runtime/transformers.min.js");
  env.allowRemoteModels = false;
  env.allowLocalModels = true;
  env.localModelPath = new URL("models/", self.location.href).pathname; // a whole address it takes for a remote one
  env.useBrowserCache = false; // it would outlive a new version of the files; the browser's own cache does not
  env.useWasmCache = false;
  env.backends.onnx.wasm.wasmPaths = {
    mjs: here("runtime/ort-wasm-simd-threaded.mjs"), wasm: here("runtime/ort-wasm-simd-threaded.wasm"),
  };
  for (const { name } of settings.models) {
    try {
      const tokenizer = await AutoTokenizer.from_pretrained(name);
      const model = await AutoModelForMaskedLM.from_pretrained(name, {
        dtype: "q8", device: "wasm", progress_callback: (event) => tellProgress(name, event),
      });
      models.set(name, { model, tokenizer });
      self.postMessage({ kind: "loaded", name });
    } catch (error) {
      self.postMessage({ kind: "failed", name, message: String(error?.message || error) });
    }
  }
}

function tellProgress(name, event) {
  if (event.status === "progress" && event.file.endsWith(".onnx") && event.total) {
    self.postMessage({ kind: "progress", name, share: event.loaded / event.total });
  }
}

/** The distribution at the sentence's mask, or null where that is beyond the tokens that the model takes. */
async function distribution({ model, tokenizer }, sentence) {
  const [before, after] = sentence.split(MASK);
  // The mask of a vocabulary that marks word beginnings includes the blank before the word.
  const encoded = tokenizer(`${before.trimEnd()}${tokenizer.mask_token}${after}`, { truncation: true });
  const ids = Array.from(encoded.input_ids.data, Number);
  const place = ids.indexOf(tokenizer.mask_token_id);
  if (place < 0) return null;
  const { logits } = await model(encoded);
  const size = logits.dims[2];
  const row = logits.data.subarray(place * size, (place + 1) * size);
  const most = row.reduce((a, b) => Math.max(a, b), -Infinity);
  const powers = Float64Array.from(row, (value) => Math.exp(value - most));
  const total = powers.reduce((a, b) => a + b, 0);
  return powers.map((value) => value / total);
}

async function fill(name, sentence, word) {
  const loaded = models.get(name);
  const shares = await distribution(loaded, sentence);
  if (!shares) return { tooLong: true };
  const order = Array.from(shares.keys()).sort((a, b) => shares[b] - shares[a]).slice(0, TOP);
  const mass = (verdict) => shares.reduce((sum, share, id) => (verdicts.get(id) === verdict ? sum + share : sum), 0);
  return {
    wanted: mass("wanted"),
    unwanted: mass("unwanted"),
    words: order.map((id) => ({
      word: loaded.tokenizer.decode([id]).trim(), probability: shares[id], verdict: verdicts.get(id) || "other",
    })),
    rank: word ? rank(loaded.tokenizer, shares, word) : null,
  };
}

/** Where a word is among all tokens; null where it is not one token. */
function rank(tokenizer, shares, word) {
  const ids = tokenizer.encode(` ${word}`, { add_special_tokens: false });
  if (ids.length !== 1) return null;
  const share = shares[ids[0]];
  return { place: shares.reduce((count, other) => (other > share ? count + 1 : count), 1), probability: share };
}

self.onmessage = async ({ data }) => {
  if (data.kind === "start") {
    await start(data.settings).catch((error) => self.postMessage({ kind: "broken", message: String(error?.message || error) }));
    return;
  }
  const began = performance.now();
  const answer = await fill(data.name, data.sentence, data.word);
  self.postMessage({ kind: "answer", id: data.id, name: data.name, answer, seconds: (performance.now() - began) / 1000 });
};
