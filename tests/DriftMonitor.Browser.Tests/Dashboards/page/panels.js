// The panels that are no time series: stat, bar gauge, state timeline, bar chart, table and text.
'use strict';

function nothing(panel, body) {
  body.append(element('p', 'nothing', panel.fieldConfig.defaults.noValue));
}

function stat(panel, answers, { times }, body) {
  const series = seriesOf(panel, answers, times);
  const shown = series.length > 0 ? series : [{ name: '', last: null, config: configOf(panel, '') }];
  body.classList.add('stats');
  for (const [index, { name, last, config }] of shown.entries()) {
    const { text, color: hue } = display(last, config);
    const own = hue ?? PALETTE[index % PALETTE.length];
    const box = element('div', 'stat');
    if (panel.options.colorMode === 'background') {
      box.style.background = own;
      box.style.color = '#111217';
    } else {
      box.style.color = own;
    }
    if (shown.length > 1) {
      box.append(element('span', 'name', name));
    }
    const value = element('b', '', text);
    value.style.fontSize = `${Math.min(44, 1.5 * body.clientWidth / shown.length / Math.max(text.length, 4))}px`;
    box.append(value);
    body.append(box);
  }
}

function bargauge(panel, answers, { times }, body) {
  const series = seriesOf(panel, answers, times);
  if (series.length === 0) {
    return nothing(panel, body);
  }
  const most = panel.fieldConfig.defaults.max ?? Math.max(...series.map(({ last }) => last), 0);
  const least = panel.fieldConfig.defaults.min ?? 0;
  for (const { name, last, config } of series) {
    const { text, color: hue } = display(last, config);
    const row = element('div', 'gauge');
    const track = element('div', 'track');
    const bar = element('div', 'bar');
    bar.style.width = `${most > least ? 100 * Math.min(1, (last - least) / (most - least)) : 0}%`;
    bar.style.background = `linear-gradient(90deg, ${faded(hue, 0.4)}, ${hue})`;
    track.append(bar);
    const value = element('b', '', text);
    value.style.color = hue;
    row.append(element('span', 'name', name), track, value);
    body.append(row);
  }
}

function stateTimeline(panel, answers, { times }, body) {
  const series = seriesOf(panel, answers, times);
  if (series.length === 0) {
    return nothing(panel, body);
  }
  const rows = element('div', 'states');
  for (const { name, values, config } of series) {
    const row = element('div', 'state-row');
    const track = element('div', 'track');
    for (let from = 0, to; from < values.length; from = to) {
      for (to = from + 1; to < values.length && values[to] === values[from]; to++) { }
      if (values[from] !== null) {
        const part = element('div', 'part');
        part.style.left = `${100 * from / values.length}%`;
        part.style.width = `${100 * (to - from) / values.length}%`;
        part.style.background = faded(display(values[from], config).color, (config.custom.fillOpacity ?? 70) / 100);
        track.append(part);
      }
    }
    row.append(element('span', 'name', name), track);
    rows.append(row);
  }
  const scale = element('div', 'scale');
  for (let i = 0; i < 5; i++) {
    scale.append(element('span', '', clock(times[0] + i * (times.at(-1) - times[0]) / 4, times)));
  }
  const mapped = (panel.fieldConfig.defaults.mappings ?? []).flatMap(({ options }) => Object.entries(options))
    .sort(([, a], [, b]) => a.index - b.index)
    .map(([value, { text }]) => ({ name: text, color: display(Number(value), panel.fieldConfig.defaults).color }));
  body.append(rows, scale, legend({ ...panel.options.legend, calcs: [] }, mapped));
}

function barchart(panel, answers, _, body) {
  const { rows, columns } = tableOf(panel, answers);
  const of = columns.find(({ name }) => name === panel.options.xField) ?? columns[0];
  const bars = columns.filter(({ name }) => name !== of?.name && rows.some(row => typeof row[name] === 'number'));
  if (bars.length === 0) {
    return nothing(panel, body);
  }
  const numbers = rows.flatMap(row => bars.map(({ name }) => row[name] ?? 0));
  const [least, most] = [Math.min(0, ...numbers), Math.max(0, ...numbers)];
  const place = value => 100 * (value - least) / (most - least || 1);
  const chart = element('div', 'chart');
  for (const row of rows) {
    const group = element('div', 'group');
    const tracks = element('div', 'tracks');
    for (const [index, { name, config }] of bars.entries()) {
      const value = row[name] ?? null;
      const track = element('div', 'track');
      const bar = element('div', 'bar');
      bar.style.left = `${place(Math.min(0, value))}%`;
      bar.style.width = `${Math.abs(place(value) - place(0))}%`;
      bar.style.background = faded(PALETTE[index], (config.custom.fillOpacity ?? 80) / 100);
      const text = element('span', value < 0 ? 'below' : '', value === null ? '' : display(value, config).text);
      text.style.left = value < 0 ? `${place(0)}%` : `${place(value)}%`;
      track.append(bar, text);
      tracks.append(track);
    }
    group.append(element('span', 'name', row[of.name]), tracks);
    chart.append(group);
  }
  body.append(chart, legend({ ...panel.options.legend, calcs: [] }, bars.map(({ name }, index) => ({ name, color: PALETTE[index] }))));
}

function table(panel, answers, _, body) {
  const { rows, columns } = tableOf(panel, answers);
  if (rows.length === 0) {
    return nothing(panel, body);
  }
  const drawn = element('table', 'rows');
  drawn.createTHead().insertRow().append(...columns.map(({ name }) => element('th', '', name)));
  const lines = drawn.createTBody();
  for (const row of rows) {
    lines.insertRow().append(...columns.map(({ name, config }) => {
      const { text, color: hue } = row[name] === null ? { text: '' } : display(row[name], config);
      const cell = element('td', config.links ? 'link' : typeof row[name] === 'number' ? 'number' : '', text);
      if (config.custom.cellOptions?.type === 'color-background' && hue) {
        cell.style.background = hue;
        cell.style.color = '#111217';
      }
      return cell;
    }));
  }
  body.append(drawn);
}

function text(panel, _, __, body) {
  body.append(element('pre', 'text', panel.options.content));
}
