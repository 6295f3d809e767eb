// Package internal_test keeps the shape of the house: which room may look into
// which, how SQL is written, how long a file may grow (README, "How the code is
// laid out").
package internal_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "bordeaux-metropole.fr/portal/"

// mayImport says, for each room, which other rooms of internal it may look into.
// Foundations (postgres, problem, day, french, access, migrations) are open to
// all who are not below them.
var mayImport = map[string][]string{
	"problem":     {},
	"day":         {},
	"access":      {"problem"},
	"french":      {"day"},
	"postgres":    {"problem"},
	"submission":  {"access", "postgres"},
	"throttle":    {"postgres", "problem"},
	"audit":       {"access", "postgres", "problem", "day", "french"},
	"notify":      {"access", "audit", "postgres", "problem", "day", "french"},
	"governance":  {"access", "audit", "postgres", "problem", "day", "french"},
	"account":     {"access", "audit", "notify", "throttle", "postgres", "problem", "day", "french"},
	"calendar":    {"day", "french"},
	"document":    {"access", "audit", "postgres", "problem", "day", "french"},
	"photo":       {"problem"},
	"printing":    {"document", "postgres", "problem"},
	"meeting":     {"access", "audit", "calendar", "document", "governance", "notify", "postgres", "problem", "day", "french"},
	"minutes":     {"access", "audit", "calendar", "document", "governance", "meeting", "notify", "postgres", "problem", "day", "french"},
	"spreadsheet": {"problem"},
	"structure":   {"spreadsheet", "throttle", "access", "audit", "governance", "notify", "structure", "postgres", "problem", "day", "french"},
	"indicator":   {"access", "audit", "postgres", "problem", "day", "french"},
	"roadmap":     {"roadmap", "access", "audit", "document", "governance", "indicator", "meeting", "minutes", "notify", "photo", "spreadsheet", "postgres", "problem", "day", "french"},
	"election":    {"election", "access", "audit", "calendar", "document", "governance", "meeting", "notify", "photo", "printing", "structure", "throttle", "postgres", "problem", "day", "french"},
	"backup":      {"postgres", "problem"},
	"demo":        {"access", "account", "audit", "document", "election", "governance", "indicator", "meeting", "minutes", "notify", "roadmap", "structure", "postgres", "problem", "day", "french"},
}

type pkg struct {
	ImportPath string
	Imports    []string
}

func packages(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-e", "-json=ImportPath,Imports", "./...")
	cmd.Dir = ".."
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []pkg
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

// room returns the first element below internal/, "" for anything else.
func room(path string) string {
	rest, ok := strings.CutPrefix(path, module+"internal/")
	if !ok {
		return ""
	}
	name, _, _ := strings.Cut(rest, "/")
	return name
}

func TestRoomsLookDownOnly(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		from := room(p.ImportPath)
		if from == "" {
			continue
		}
		allowed, known := mayImport[from]
		if !known {
			t.Errorf("internal/%s: say in mayImport what it may look into", from)
			continue
		}
		for _, imp := range p.Imports {
			if strings.HasPrefix(imp, module+"web") || strings.HasPrefix(imp, module+"cmd") {
				t.Errorf("%s imports %s: internal never looks into web or cmd", p.ImportPath, imp)
			}
			if to := room(imp); to != "" && to != from && !slices.Contains(allowed, to) {
				t.Errorf("%s imports %s: %s may look into %v only", p.ImportPath, imp, from, allowed)
			}
		}
	}
}

func goFiles(t *testing.T, f func(path string)) {
	t.Helper()
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && strings.HasPrefix(d.Name(), ".") && d.Name() != ".." {
			return filepath.SkipDir
		}
		if strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_templ.go") {
			f(path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestSQLIsConstant: what does not go through internal/postgres, whose parameter
// takes constants only, must show its text at the call.
func TestSQLIsConstant(t *testing.T) {
	t.Parallel()
	goFiles(t, func(path string) {
		if strings.HasSuffix(path, "_test.go") || strings.Contains(path, "roadmaptest/") || strings.Contains(path, "electiontest/") || strings.Contains(path, "internal/postgres/") || strings.Contains(path, "internal/backup/") {
			return
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			sel, ok := call.Fun.(*ast.SelectorExpr)
			if !ok || !slices.Contains([]string{"Query", "QueryRow", "Exec", "ExecContext", "QueryContext"}, sel.Sel.Name) || len(call.Args) < 2 {
				return true
			}
			if x, ok := sel.X.(*ast.Ident); ok && x.Name == "postgres" {
				return true
			}
			if lit, ok := call.Args[1].(*ast.BasicLit); !ok || lit.Kind != token.STRING {
				if !startsWithLiteral(call.Args[1]) {
					t.Errorf("%s: SQL that is not a constant", set.Position(call.Pos()))
				}
			}
			return true
		})
	})
}

// startsWithLiteral accepts "LISTEN " + channel, where channel is a constant.
func startsWithLiteral(e ast.Expr) bool {
	b, ok := e.(*ast.BinaryExpr)
	if !ok || b.Op != token.ADD {
		return false
	}
	_, left := b.X.(*ast.BasicLit)
	id, right := b.Y.(*ast.Ident)
	return left && right && id.Obj != nil && id.Obj.Kind == ast.Con
}

func TestFilesStaySmall(t *testing.T) {
	t.Parallel()
	const most = 500
	goFiles(t, func(path string) {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if n := bytes.Count(b, []byte("\n")); n > most {
			t.Errorf("%s has %d lines, %d at most: cut it by theme", strings.TrimPrefix(path, "../"), n, most)
		}
	})
}

func TestExportedNamesAreDocumented(t *testing.T) {
	t.Parallel()
	goFiles(t, func(path string) {
		if strings.HasSuffix(path, "_test.go") {
			return
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Name.IsExported() && d.Doc == nil && exportedReceiver(d) {
					t.Errorf("%s: %s has no comment", set.Position(d.Pos()), d.Name)
				}
			case *ast.GenDecl:
				for _, s := range d.Specs {
					if ts, ok := s.(*ast.TypeSpec); ok && ts.Name.IsExported() && d.Doc == nil && ts.Doc == nil && ts.Comment == nil {
						t.Errorf("%s: %s has no comment", set.Position(ts.Pos()), ts.Name)
					}
				}
			}
		}
	})
}

func exportedReceiver(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return true
	}
	t := d.Recv.List[0].Type
	if s, ok := t.(*ast.StarExpr); ok {
		t = s.X
	}
	id, ok := t.(*ast.Ident)
	return ok && id.IsExported()
}
