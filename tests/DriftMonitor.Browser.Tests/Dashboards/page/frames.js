// What Prometheus answered, as the fields that a panel shows: names, settings with their overrides, transformations.
'use strict';

function legendOf(labels, format) {
  return format.replace(/\{\{\s*(\w+)\s*\}\}/g, (_, label) => labels[label] ?? '');
}

const OVERRIDES = new Set([
  'color', 'unit', 'decimals', 'mappings', 'links', 'noValue', 'min', 'max', 'thresholds', 'displayName',
  'custom.axisPlacement', 'custom.axisSoftMax', 'custom.cellOptions', 'custom.fillBelowTo', 'custom.fillOpacity', 'custom.hidden',
  'custom.lineStyle', 'custom.lineWidth', 'custom.width',
]);

/** The settings of one field: the panel's, and what overrides them. */
function configOf(panel, name) {
  const config = structuredClone(panel.fieldConfig.defaults);
  config.custom ??= {};
  for (const { matcher, properties } of panel.fieldConfig.overrides ?? []) {
    let matches;
    if (matcher.id === 'byName') {
      matches = matcher.options === name;
    } else if (matcher.id === 'byRegexp') {
      matches = new RegExp(matcher.options.replace(/^\/|\/$/g, '')).test(name);
    } else {
      throw new Error(`overrides ${matcher.id} are not drawn`);
    }
    for (const { id, value } of properties) {
      if (!OVERRIDES.has(id)) {
        throw new Error(`an override of ${id} is not drawn`);
      }
      if (matches) {
        (id.startsWith('custom.') ? config.custom : config)[id.replace('custom.', '')] = value;
      }
    }
  }
  return config;
}

/** The series of a panel, each on the same grid of times; an instant answer is a series of one value. */
function seriesOf(panel, answers, times) {
  const places = new Map(times.map((time, place) => [time, place]));
  const all = answers.flatMap(({ refId, result, resultType }) => {
    const { legendFormat } = panel.targets.find(target => target.refId === refId);
    return result.map(({ metric, value, values }) => {
      const isRange = resultType === 'matrix';
      const numbers = new Array(isRange ? times.length : 1).fill(null);
      for (const [time, text] of values ?? [value]) {
        numbers[isRange ? places.get(time) : 0] = text === 'NaN' ? null : number(text);
      }
      return { name: legendOf(metric, legendFormat), values: numbers };
    });
  });
  return all.map((series, index) => {
    const config = configOf(panel, series.name);
    const hue = config.color?.mode === 'fixed' ? color(config.color.fixedColor) : PALETTE[index % PALETTE.length];
    return { ...series, config, color: hue, last: series.values.findLast(value => value !== null) ?? null };
  });
}

function number(text) {
  return text === '+Inf' ? Infinity : text === '-Inf' ? -Infinity : Number(text);
}

/** The rows of a panel: one for each sample, with its labels. */
function rowsOf(answers) {
  const several = answers.length > 1;
  return answers.map(({ refId, result }) => result.map(({ metric, value }) => ({
    Time: value[0] * 1000, ...metric, [several ? `Value #${refId}` : 'Value']: number(value[1]),
  })));
}

const TRANSFORMATIONS = {
  /** Rows that agree in the labels that they share become one. */
  merge(tables) {
    const merged = new Map();
    for (const row of tables.flat()) {
      const shared = Object.entries(row).filter(([name, value]) => typeof value === 'string' && tables.every(
        table => table.length === 0 || name in table[0])).sort();
      const key = JSON.stringify(shared);
      merged.set(key, { ...merged.get(key), ...row });
    }
    return [[...merged.values()]];
  },

  organize(tables, { excludeByName = {}, indexByName = {}, renameByName = {} }) {
    return tables.map(rows => {
      const names = [...new Set(rows.flatMap(Object.keys))].filter(name => !excludeByName[name]);
      names.sort((a, b) => (indexByName[a] ?? Infinity) - (indexByName[b] ?? Infinity) || 0);
      return rows.map(row => Object.fromEntries(names.map(name => [renameByName[name] || name, row[name] ?? null])));
    });
  },

  groupingToMatrix(tables, { rowField, columnField, valueField }) {
    const matrix = new Map();
    for (const row of tables.flat()) {
      const name = row[rowField];
      matrix.set(name, { ...(matrix.get(name) ?? { [`${rowField}\\${columnField}`]: name }), [row[columnField]]: row[valueField] });
    }
    return [[...matrix.values()]];
  },

  sortBy(tables, { sort }) {
    return tables.map(rows => rows.toSorted((a, b) => sort.reduce((order, { field, desc }) =>
      order || (desc ? -1 : 1) * (a[field] < b[field] ? -1 : a[field] > b[field] ? 1 : 0), 0)));
  },
};

/** The one table of a panel, after its transformations, and the settings of each column. */
function tableOf(panel, answers) {
  const tables = (panel.transformations ?? []).reduce((done, { id, options }) => {
    if (!TRANSFORMATIONS[id]) {
      throw new Error(`transformation ${id} is not drawn`);
    }
    return TRANSFORMATIONS[id](done, options);
  }, rowsOf(answers));
  const rows = tables.flat();
  const names = [...new Set(rows.flatMap(Object.keys))];
  const columns = names.map(name => ({ name, config: configOf(panel, name) })).filter(({ config }) => !config.custom.hidden);
  return { rows, columns };
}
