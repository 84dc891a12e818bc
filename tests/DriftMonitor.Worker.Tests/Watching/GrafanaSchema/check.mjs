// Says what Grafana's own types have against the dashboards of a directory. The package ships types and no JSON schema, so the compiler is asked.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const dashboards = path.resolve(process.argv[2]);
process.chdir(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname));
const work = fs.mkdtempSync(path.join(process.cwd(), 'check-'));
// Enumerations as the strings and numbers that stand in JSON; nothing else is loosened, and a property that there is not is an error.
const types = `import type { Dashboard } from '@grafana/schema';
type Plain<T> = T extends string ? \`\${T}\` : T extends number ? number : T extends (infer U)[] ? Plain<U>[] : T extends object ? { [K in keyof T]: Plain<T[K]> } : T;
// What the Prometheus data source adds to an annotation.
type Annotation = NonNullable<Plain<Dashboard>['annotations']>['list'] extends (infer A)[] | undefined ? A & { expr: string; titleFormat: string; textFormat: string; useValueForTime: boolean } : never;
type Checked = Omit<Plain<Dashboard>, 'annotations'> & { annotations: { list: Annotation[] } };
`;
const files = fs.readdirSync(dashboards).filter(file => file.endsWith('.json')).map(file => {
  const checked = path.join(work, file.replace(/json$/, 'ts'));
  fs.writeFileSync(checked, `${types}export const dashboard: Checked = ${fs.readFileSync(path.join(dashboards, file), 'utf8')};\n`);
  return checked;
});
const compiler = path.join('node_modules', 'typescript', 'bin', 'tsc');
const result = spawnSync(process.execPath, [compiler, '--noEmit', '--strict', '--skipLibCheck', '--moduleResolution', 'bundler', '--module', 'esnext', '--target', 'es2022', ...files], { encoding: 'utf8' });
process.stdout.write(result.stdout + result.stderr);
process.exit(files.length === 0 ? 1 : result.status ?? 1);
