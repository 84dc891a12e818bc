// Writes a picture again with few colours, which is a third of its size: what a screenshot has more are mostly the edges of letters.
'use strict';

async function withPalette(png, most) {
  const bitmap = await createImageBitmap(await (await fetch(`data:image/png;base64,${png}`)).blob());
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext('2d');
  context.drawImage(bitmap, 0, 0);
  const pixels = new Uint32Array(context.getImageData(0, 0, width, height).data.buffer);

  const counts = new Map();
  for (const pixel of pixels) {
    counts.set(pixel, (counts.get(pixel) ?? 0) + 1);
  }
  const parts = pixel => [pixel & 255, (pixel >> 8) & 255, (pixel >> 16) & 255];
  const chosen = [], near = new Set();
  for (const [pixel] of [...counts].sort(([, a], [, b]) => b - a)) {
    const about = parts(pixel).map(part => part >> 3).join();
    if (chosen.length < most && !near.has(about)) {
      near.add(about);
      chosen.push(parts(pixel));
    }
  }
  const places = new Map([...counts.keys()].map(pixel => {
    const [r, g, b] = parts(pixel);
    let best = 0, least = Infinity;
    for (const [index, [cr, cg, cb]] of chosen.entries()) {
      const distance = (r - cr) ** 2 + (g - cg) ** 2 + (b - cb) ** 2;
      if (distance < least) {
        [best, least] = [index, distance];
      }
    }
    return [pixel, best];
  }));

  const lines = new Uint8Array((width + 1) * height); // each begins with 0: not filtered
  for (let i = 0; i < pixels.length; i++) {
    lines[i + Math.floor(i / width) + 1] = places.get(pixels[i]);
  }
  const deflated = new Blob([lines]).stream().pipeThrough(new CompressionStream('deflate'));
  const header = new DataView(new ArrayBuffer(13));
  header.setUint32(0, width);
  header.setUint32(4, height);
  header.setUint8(8, 8); // bits
  header.setUint8(9, 3); // indexed
  const file = new Blob([
    new Uint8Array([137, 80, 78, 71, 13, 10, 26, 10]),
    chunk('IHDR', new Uint8Array(header.buffer)),
    chunk('PLTE', new Uint8Array(chosen.flat())),
    chunk('IDAT', new Uint8Array(await new Response(deflated).arrayBuffer())),
    chunk('IEND', new Uint8Array()),
  ]);
  return base64(new Uint8Array(await file.arrayBuffer()));
}

function base64(bytes) {
  let text = '';
  for (const byte of bytes) {
    text += String.fromCharCode(byte);
  }
  return btoa(text);
}

function chunk(name, data) {
  const bytes = new Uint8Array(data.length + 12);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  bytes.set([...name].map(letter => letter.charCodeAt(0)), 4);
  bytes.set(data, 8);
  let crc = -1;
  for (let i = 4; i < data.length + 8; i++) {
    crc ^= bytes[i];
    for (let bit = 0; bit < 8; bit++) {
      crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
    }
  }
  view.setInt32(data.length + 8, ~crc);
  return bytes;
}
