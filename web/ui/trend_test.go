package ui_test

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/web/ui"
)

func line(values ...float64) ui.TrendView {
	l := ui.TrendLine{}
	for i, v := range values {
		l.Points = append(l.Points, ui.TrendPoint{Day: day.Of(2025, 1, 1).AddDays(90 * i), Value: v, Text: strconv.FormatFloat(v, 'f', -1, 64) + " structures"})
	}
	return ui.TrendView{ID: "x", Title: "Structures", Lines: []ui.TrendLine{l}}
}

// The drawing has a name and says what it shows; its table has every value.
func TestTrendSaysWhatItShows(t *testing.T) {
	t.Parallel()
	v := line(118, 170, 160)
	page := render(t, ui.Trend(v))
	contains(t, page, `role="img"`, `aria-labelledby="x-t"`, `<title id="x-t">Structures</title>`, `aria-describedby="x-d"`,
		"3\u00a0valeurs, de 118 structures (au 1er janvier 2025) à 160 structures (au 30 juin 2025), en hausse. Le plus haut\u00a0: 170 structures (au 1er avril 2025).")
	if n := strings.Count(page, `class="trend-mark"`); n != 3 {
		t.Errorf("got %d marks, wanted 3", n)
	}
	contains(t, render(t, ui.TrendTable(v, "Nombre")), "118 structures", "170 structures", "160 structures", `<th scope="row">Au 1er avril 2025</th>`)
}

func TestTrendOfOneDayIsNotDrawn(t *testing.T) {
	t.Parallel()
	for name, v := range map[string]ui.TrendView{"no line": {ID: "x"}, "no value": line(), "one value": line(3)} {
		if page := render(t, ui.Trend(v)); page != "" {
			t.Errorf("%s: drew %s", name, page)
		}
	}
	contains(t, line(4, 4).Summary(), "sans changement")
	contains(t, line(4, 3).Summary(), "en baisse")
}

var trendPoint = regexp.MustCompile(`[ML](-?[0-9.]+) (-?[0-9.]+)`)

// Whatever the values, the line stays inside the drawing, and zero is in its scale.
func TestTrendStaysInItsFrame(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		v := line(rapid.SliceOfN(rapid.Float64Range(-1e11, 1e11), 2, 12).Draw(rt, "values")...)
		v.Axis = rapid.Bool().Draw(rt, "large")
		w, h := 320.0, 80.0
		if v.Axis {
			w, h = 640, 300
		}
		page := render(t, ui.Trend(v))
		if strings.Contains(page, "NaN") || strings.Contains(page, "Inf") {
			rt.Fatalf("the drawing holds no number: %s", page)
		}
		path := page[strings.Index(page, `class="trend-line"`):]
		for _, m := range trendPoint.FindAllStringSubmatch(path[:strings.Index(path, "</path>")], -1) {
			x, _ := strconv.ParseFloat(m[1], 64)
			y, _ := strconv.ParseFloat(m[2], 64)
			if math.IsNaN(x) || x < 0 || x > w || y < 0 || y > h {
				rt.Fatalf("point %s outside %v × %v", m[0], w, h)
			}
		}
	})
}
