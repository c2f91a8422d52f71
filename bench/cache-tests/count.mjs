// Counts the results of the tests by kind, and names the required ones that failed.
import fs from 'fs'
import { pathToFileURL } from 'url'

const [folder, file] = process.argv.slice(2)
const load = path => import(pathToFileURL(`${folder}/${path}`).href)
const { default: suites } = await load('tests/index.mjs')
const { determineTestResult } = await load('test-engine/lib/results.mjs')
const results = JSON.parse(fs.readFileSync(file))
const words = { '✅': 'passed', '⛔️': 'failed', '⚠️': 'not taken up', Y: 'yes', N: 'no', '⚪️': 'depends on another', '🔹': 'not set up', '⁉️': 'not run', '↻': 'not run', '-': 'not run' }
const counts = {}
const failed = []
const others = []
for (const suite of suites) {
  for (const test of suite.tests.filter(test => !test.browser_only)) {
    const kind = test.kind ?? 'required'
    const word = words[determineTestResult(suites, test.id, results)[2]]
    counts[kind] ??= {}
    counts[kind][word] = (counts[kind][word] ?? 0) + 1
    if (word === 'failed') failed.push(`${test.id}: ${test.name}: ${results[test.id]}`)
    if (word === 'not taken up') others.push(test.id)
  }
}
for (const kind of ['required', 'optimal', 'check']) {
  const row = Object.entries(counts[kind] ?? {}).sort().map(([word, n]) => `${n} ${word}`)
  console.log(`${kind}: ${row.join(', ')}`)
}
if (others.length > 0) console.log(`not taken up: ${others.join(' ')}`)
for (const line of failed) console.log(`failed: ${line}`)
process.exit(failed.length === 0 ? 0 : 1)
