// Time series, drawn by uPlot, and their legends.
'use strict';

const GRID = '#ffffff12';
const INK = '#9fa7b3';

function element(tag, className, text) {
  const made = document.createElement(tag);
  made.className = className ?? '';
  if (text !== undefined) {
    made.textContent = text;
  }
  return made;
}

/** The sums of the series up to each: what is above zero and what is below it add up by themselves. */
function stacked(series) {
  const above = [], below = [];
  return series.map(({ values }) => values.map((value, place) => {
    if (value === null) {
      return null;
    }
    const sums = value < 0 ? below : above;
    sums[place] = (sums[place] ?? 0) + value;
    return sums[place];
  }));
}

/** The time of day, with seconds where less than ten minutes are shown. */
function clock(time, times) {
  return new Date(time * 1000).toISOString().slice(11, times.at(-1) - times[0] < 600 ? 19 : 16);
}

/** The texts of an axis, with as many decimals as tell them apart. */
function ticks(splits, config) {
  for (let decimals; ; decimals = (decimals ?? -1) + 1) {
    const texts = splits.map(value => value === null ? '' : display(value, { ...config, mappings: [], decimals }).text);
    if (new Set(texts.filter(text => text)).size === texts.filter(text => text).length || decimals > 8) {
      return texts;
    }
  }
}

function axis(scale, config, side) {
  return {
    scale, side, stroke: INK, size: 62, font: '12px sans-serif',
    grid: { show: side === 3, stroke: GRID, width: 1 }, ticks: { show: false },
    values: (_, splits) => ticks(splits, config),
  };
}

/** Where alerts of the dashboard's annotations fire. */
function drawAnnotations(u, regions) {
  for (const { from, to, color: hue } of regions) {
    const [left, right] = [from, to].map(time => u.valToPos(Math.min(Math.max(time, u.scales.x.min), u.scales.x.max), 'x', true));
    u.ctx.fillStyle = faded(hue, 0.04);
    u.ctx.fillRect(left, u.bbox.top, right - left, u.bbox.height);
    u.ctx.fillStyle = hue;
    u.ctx.fillRect(left, u.bbox.top, 1, u.bbox.height);
    u.ctx.fillRect(left, u.bbox.top + u.bbox.height - 3, Math.max(right - left, 2), 3);
  }
}

function legend(options, series) {
  const { displayMode, showLegend, calcs = [], sortBy, sortDesc } = options;
  const holder = element('div', 'legend');
  if (!showLegend) {
    return holder;
  }
  const calculations = {
    lastNotNull: ['Last *', ({ last }) => last],
    max: ['Max', ({ values }) => values.reduce((most, value) => value === null || (most !== null && value <= most) ? most : value, null)],
  };
  const table = element('table');
  if (displayMode === 'table') {
    const head = table.createTHead().insertRow();
    head.append(element('th', 'name', 'Name'), ...calcs.map(calc => element('th', '', calculations[calc][0])));
  } else {
    table.className = 'list';
  }
  const body = table.createTBody();
  const sorted = Object.values(calculations).find(([name]) => name === sortBy)?.[1];
  const rank = one => (sortDesc ? -1 : 1) * (sorted(one) ?? -Infinity);
  const inOrder = sorted ? series.toSorted((a, b) => rank(a) === rank(b) ? 0 : rank(a) - rank(b)) : series;
  for (const one of inOrder) {
    const row = body.insertRow();
    const name = element('td', 'name', one.name);
    const key = element('i');
    key.style.background = one.color;
    name.prepend(key);
    row.append(name, ...calcs.map(calc => {
      const value = calculations[calc][1](one);
      return element('td', '', value === null ? '' : display(value, one.config).text);
    }));
  }
  holder.append(table);
  return holder;
}

function timeseries(panel, answers, { times, regions }, body) {
  const series = seriesOf(panel, answers, times);
  if (series.length === 0) {
    return body.append(element('p', 'nothing', panel.fieldConfig.defaults.noValue));
  }
  const plot = element('div', 'plot');
  body.classList.toggle('beside', panel.options.legend.placement === 'right');
  body.append(plot, legend(panel.options.legend, series));
  const defaults = panel.fieldConfig.defaults;
  const logarithmic = defaults.custom.scaleDistribution?.type === 'log';
  const isStacked = defaults.custom.stacking?.mode === 'normal';
  const numbers = isStacked ? stacked(series) : series.map(({ values }) => values);
  const drawn = series.map((one, index) => {
    const { custom } = one.config;
    const opacity = (custom.fillOpacity ?? 0) / 100;
    return {
      data: logarithmic ? numbers[index].map(value => value > 0 ? value : null) : numbers[index],
      scale: custom.axisPlacement === 'right' ? 'right' : 'y',
      stroke: one.color,
      width: custom.drawStyle === 'bars' ? 0 : custom.lineWidth ?? 1,
      fill: opacity > 0 && !custom.fillBelowTo ? faded(one.color, opacity) : undefined,
      fillTo: logarithmic ? (_, __, min) => min : undefined,
      dash: custom.lineStyle?.fill === 'solid' ? undefined : custom.lineStyle?.dash,
      paths: custom.drawStyle === 'bars' ? uPlot.paths.bars({ size: [0.9, 40] }) : undefined,
      points: { show: false },
    };
  });
  if (isStacked) {
    drawn.reverse(); // a sum hides what is behind it
  }
  const bands = series.flatMap(({ config, color: hue }, upper) => {
    const lower = series.findIndex(({ name }) => name === config.custom.fillBelowTo);
    return lower < 0 ? [] : [{ series: [upper + 1, lower + 1], fill: faded(hue, config.custom.fillOpacity / 100) }];
  });
  const right = series.find(({ config }) => config.custom.axisPlacement === 'right');
  const left = series.find(({ config }) => config.custom.axisPlacement !== 'right');
  const range = (u, min, max) => {
    if (logarithmic) {
      return uPlot.rangeLog(min ?? 0.1, max ?? 1, 10, false);
    }
    const [low, high] = uPlot.rangeNum(min ?? 0, Math.max(max ?? 1, defaults.custom.axisSoftMax ?? -Infinity), 0.1, true);
    return [defaults.min ?? low, defaults.max ?? high];
  };
  const options = {
    width: plot.clientWidth, height: plot.clientHeight, cursor: { show: false }, legend: { show: false },
    tzDate: time => uPlot.tzDate(new Date(time * 1000), 'Etc/UTC'),
    scales: { x: { range: () => [times[0], times.at(-1)] }, y: { distr: logarithmic ? 3 : 1, range }, right: { range } },
    axes: [
      {
        stroke: INK, font: '12px sans-serif', grid: { stroke: GRID, width: 1 }, ticks: { show: false }, size: 28, space: 80,
        values: (_, splits) => splits.map(time => clock(time, times)),
      },
      ...(left ? [axis('y', left.config, 3)] : []), ...(right ? [axis('right', right.config, 1)] : []),
    ],
    series: [{}, ...drawn.map(({ data, ...settings }) => settings)],
    bands, hooks: { drawClear: [u => drawAnnotations(u, regions)] },
  };
  new uPlot(options, [times, ...drawn.map(({ data }) => data)], plot);
}
