package static_test

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"bordeaux-metropole.fr/portal/web/static"
)

var (
	token  = regexp.MustCompile(`--([a-z0-9-]+):\s*(#[0-9a-f]{3,6}|var\(--[a-z0-9-]+\));`)
	usedBy = regexp.MustCompile(`var\(--([a-z0-9-]+)\)`)
)

// themes reads the tokens of the light theme, and of the dark one over them.
func themes(t *testing.T) (light, dark map[string]string) {
	t.Helper()
	css := static.Stylesheet()
	start := strings.Index(css, "@media (prefers-color-scheme: dark)")
	end := start + strings.Index(css[start:], "\n}\n")
	light, dark = map[string]string{}, map[string]string{}
	for _, m := range token.FindAllStringSubmatch(css[:start], -1) {
		light[m[1]], dark[m[1]] = m[2], m[2]
	}
	for _, m := range token.FindAllStringSubmatch(css[start:end], -1) {
		dark[m[1]] = m[2]
	}
	return light, dark
}

// luminance follows WCAG 2.2.
func luminance(t *testing.T, theme map[string]string, name string) float64 {
	t.Helper()
	hex := theme[name]
	if strings.HasPrefix(name, "#") {
		hex = name
	}
	if m := usedBy.FindStringSubmatch(hex); m != nil {
		return luminance(t, theme, m[1])
	}
	hex = strings.TrimPrefix(hex, "#")
	if len(hex) == 3 {
		hex = string([]byte{hex[0], hex[0], hex[1], hex[1], hex[2], hex[2]})
	}
	n, err := strconv.ParseUint(hex, 16, 32)
	if err != nil || len(hex) != 6 {
		t.Fatalf("token %s is %q", name, theme[name])
	}
	part := func(v uint64) float64 {
		c := float64(v&255) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*part(n>>16) + 0.7152*part(n>>8) + 0.0722*part(n)
}

// Text has a contrast of 7, lines and shapes one of 3, in both themes, on every
// ground they are drawn on.
func TestContrast(t *testing.T) {
	light, dark := themes(t)
	pairs := []struct {
		front, grounds string
		least          float64
	}{
		{"ink", "bg card surface q0 q1 ok-bg warn-bg err-bg info-bg", 7},
		{"muted", "bg card surface", 7},
		{"link", "bg card surface info-bg", 7},
		{"link-hover", "bg card surface", 7},
		{"visited", "bg card", 7},
		{"err", "bg card err-bg", 7},
		{"ok", "bg card ok-bg", 7},
		{"warn", "bg card warn-bg", 7},
		{"#ffffff", "brand brand-deep", 7},
		{"on-btn", "link link-hover err q3 q4", 7},
		{"on-q2", "q2", 7},
		{"focus-ink", "focus", 7},
		{"line", "bg card surface", 3},
		{"mark", "bg card surface", 3},
		{"accent", "brand brand-deep", 3},
		{"ok", "surface", 3},
		{"err", "surface", 3},
	}
	for theme, tokens := range map[string]map[string]string{"light": light, "dark": dark} {
		for _, p := range pairs {
			for ground := range strings.FieldsSeq(p.grounds) {
				a, b := luminance(t, tokens, p.front), luminance(t, tokens, ground)
				if r := (max(a, b) + 0.05) / (min(a, b) + 0.05); r < p.least {
					t.Errorf("%s: %s on %s is %.2f, at least %.0f", theme, p.front, ground, r, p.least)
				}
			}
		}
	}
}

// A misspelt token would silently draw nothing.
func TestEveryTokenIsDefined(t *testing.T) {
	css := static.Stylesheet()
	for _, m := range usedBy.FindAllStringSubmatch(css, -1) {
		if !strings.Contains(css, "--"+m[1]+":") {
			t.Errorf("--%s is used and not defined", m[1])
		}
	}
	for _, m := range regexp.MustCompile(`(?m)^\s*--([a-z0-9-]+):`).FindAllStringSubmatch(css, -1) {
		if !strings.Contains(css, "var(--"+m[1]+")") {
			t.Errorf("--%s is defined and not used", m[1])
		}
	}
}
