package static_test

import (
	"os"
	"regexp"
	"testing"
)

var axisColour = regexp.MustCompile(`(?m)^(\t?)\.axis-([1-8]) \{ color: (#[0-9a-f]{6}); \}`)

// The mark of each axis stands out at 3:1 on every ground it is drawn on, in both
// themes, and no two axes have the same colour.
func TestAxisColours(t *testing.T) {
	css, err := os.ReadFile("css/roadmap.css")
	if err != nil {
		t.Fatal(err)
	}
	light, dark := themes(t)
	seen := map[string]bool{}
	for _, m := range axisColour.FindAllStringSubmatch(string(css), -1) {
		theme, tokens := "light", light
		if m[1] != "" {
			theme, tokens = "dark", dark
		}
		if seen[theme+m[2]] || seen[theme+m[3]] {
			t.Errorf("%s: axis %s or %s comes twice", theme, m[2], m[3])
		}
		seen[theme+m[2]], seen[theme+m[3]] = true, true
		for _, ground := range []string{"bg", "card", "surface"} {
			a, b := luminance(t, tokens, m[3]), luminance(t, tokens, ground)
			if r := (max(a, b) + 0.05) / (min(a, b) + 0.05); r < 3 {
				t.Errorf("%s: axis %s on %s is %.2f, at least 3", theme, m[2], ground, r)
			}
		}
	}
	if len(seen) != 32 {
		t.Errorf("%d colours and axes were read, want eight of each in two themes", len(seen))
	}
}
