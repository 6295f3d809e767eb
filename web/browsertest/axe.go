package browsertest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// Violation is one rule of axe-core that a page breaks.
type Violation struct {
	ID, Impact, Help string
	Nodes            []Node
}

// Node is one element that breaks a rule.
type Node struct{ HTML, Summary string }

// String tells the rule and the elements, for the report of a test.
func (v Violation) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s) : %s", v.ID, v.Impact, v.Help)
	for _, n := range v.Nodes {
		fmt.Fprintf(&b, "\n  %s\n    %s", n.HTML, strings.ReplaceAll(n.Summary, "\n", "\n    "))
	}
	return b.String()
}

// source reads the script and the French messages once.
var source = sync.OnceValues(func() (string, error) {
	dir, err := root()
	if err != nil {
		return "", err
	}
	script, err := os.ReadFile(filepath.Join(dir, "web/testdata/axe/axe.min.js")) //nolint:gosec // our own file
	if err != nil {
		return "", err
	}
	french, err := os.ReadFile(filepath.Join(dir, "web/testdata/axe/fr.json")) //nolint:gosec // our own file
	if err != nil {
		return "", err
	}
	return string(script) + ";axe.configure({locale:" + string(french) + "});true", nil
})

// root returns the folder of go.mod: a test runs in the folder of its package.
func root() (string, error) {
	dir, err := os.Getwd()
	for ; err == nil; dir = filepath.Dir(dir) {
		if _, e := os.Stat(filepath.Join(dir, "go.mod")); e == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			break
		}
	}
	return "", fmt.Errorf("no go.mod above %s", dir)
}

// run asks for every rule, those of level AAA and the experimental ones included.
const run = `(async () => {
	const rules = Object.fromEntries(axe.getRules().map(r => [r.ruleId, {enabled: true}]));
	const r = await axe.run(document, {rules, resultTypes: ["violations"]});
	return r.violations.map(v => ({ID: v.id, Impact: v.impact ?? "", Help: v.help,
		Nodes: v.nodes.slice(0, 5).map(n => ({HTML: n.html.slice(0, 300), Summary: n.failureSummary}))}));
})()`

// Axe runs every rule of axe-core on the page as it is seen now.
func (tab *Tab) Axe() []Violation {
	tab.t.Helper()
	script, err := source()
	if err != nil {
		tab.t.Fatalf("axe-core: %v", err)
	}
	// A field whose id is « axe » is a global of that name too.
	if !Eval[bool](tab, `typeof axe === "object" && typeof axe.run === "function"`) {
		Eval[bool](tab, script)
	}
	return Eval[[]Violation](tab, run)
}

// NoViolation fails the test for each violation.
func NoViolation(t testing.TB, violations []Violation) {
	t.Helper()
	for _, v := range violations {
		t.Errorf("axe: %s", v)
	}
}
