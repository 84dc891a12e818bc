// Colours, units, thresholds and value mappings, near what Grafana makes of the same settings.
'use strict';

const COLORS = {
  green: '#73bf69', yellow: '#fade2a', orange: '#ff9830', red: '#f2495c', blue: '#5794f2', purple: '#b877d9', gray: '#808080',
  text: '#ccccdc', transparent: 'transparent',
};
const PALETTE = [
  '#73bf69', '#f2cc0c', '#8ab8ff', '#ff780a', '#f2495c', '#5794f2', '#b877d9', '#705da0', '#37872d', '#fade2a', '#447ebc', '#c15c17',
  '#890f02', '#0a437c', '#6d1f62', '#584477', '#b7dbab', '#f4d598', '#70dbed', '#f9ba8f',
];

function color(name) {
  if (name in COLORS) {
    return COLORS[name];
  }
  if (/^#[0-9a-f]{6}$/i.test(name)) {
    return name;
  }
  throw new Error(`colour ${name} is not drawn`);
}

function faded(hex, opacity) {
  return hex + Math.round(opacity * 255).toString(16).padStart(2, '0');
}

function autoDecimals(value) {
  if (value === 0 || value % 1 === 0) {
    return 0;
  }
  const decimals = 1 - Math.floor(Math.log10(Math.abs(value)));
  return Math.max(0, Math.abs(value) * 10 ** decimals > 2.25 && decimals < 1 ? decimals + 1 : decimals);
}

function fixed(value, decimals) {
  return value.toFixed(decimals ?? Math.min(autoDecimals(value), 12));
}

function scaled(value, decimals, steps) {
  const [factor, suffix] = steps.findLast(([from]) => Math.abs(value) >= from) ?? steps[0];
  return fixed(value / (factor || 1), decimals) + suffix;
}

const UNITS = {
  none: fixed,
  short: (value, decimals) => scaled(value, decimals, [[0, ''], [1e3, ' K'], [1e6, ' Mil'], [1e9, ' Bil']]),
  locale: (value, decimals) => value.toLocaleString('en', { maximumFractionDigits: decimals ?? 3 }),
  percentunit: (value, decimals) => `${fixed(value * 100, decimals)}%`,
  reqps: (value, decimals) => scaled(value, decimals, [[0, ' req/s'], [1e3, 'K req/s'], [1e6, 'M req/s']]),
  s: (value, decimals) => value === 0
    ? '0 s'
    : scaled(value, decimals, [
      [1e-9, ' ns'], [1e-6, ' µs'], [1e-3, ' ms'], [1, ' s'], [60, ' mins'], [3600, ' hours'], [86400, ' days'], [604800, ' weeks'],
    ]),
  dateTimeAsIso: value => new Date(value).toISOString().slice(0, 19).replace('T', ' '),
};

/** The text and the colour of a value, by a field's settings. */
function display(value, config) {
  const missing = value === null || value === undefined || Number.isNaN(value);
  const steps = config.thresholds?.steps ?? [];
  const step = steps.findLast(({ value: from }) => from === null || (!missing && value >= from)) ?? steps[0];
  const hues = { thresholds: step?.color, fixed: config.color?.fixedColor };
  let shown = { text: '', color: hues[config.color?.mode] ? color(hues[config.color.mode]) : null };
  if (missing) {
    shown.text = config.noValue ?? 'No data';
  } else if (typeof value === 'string') {
    shown.text = value;
  } else {
    const unit = UNITS[config.unit ?? 'none'];
    if (!unit) {
      throw new Error(`unit ${config.unit} is not drawn`);
    }
    shown.text = Number.isFinite(value) ? unit(value, config.decimals) : String(value);
  }
  for (const mapping of config.mappings ?? []) {
    if (mapping.type !== 'value') {
      throw new Error(`a mapping by ${mapping.type} is not drawn`);
    }
    const mapped = missing ? null : mapping.options[String(value)];
    if (mapped) {
      shown = { text: mapped.text ?? shown.text, color: mapped.color ? color(mapped.color) : shown.color };
    }
  }
  return shown;
}
