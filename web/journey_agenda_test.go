package web_test

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"bordeaux-metropole.fr/portal/web/browsertest"
)

const agendaTitles = `[...document.querySelectorAll("[data-item] strong")].map(x => x.textContent).join(" | ")`

// TestJourneyAgenda: the team lays an agenda with buttons, with and without script;
// with it, a handle moves a point by the arrow keys and by the pointer.
func TestJourneyAgenda(t *testing.T) {
	inTwoWays(t, func(t *testing.T, o browsertest.Options) {
		s := newSite(t)
		v := s.open(t, o)
		v.signsIn("equipe@example.org")
		id := s.count(t, `SELECT id FROM meeting WHERE body = 'cmtin' AND state IN ('draft', 'convened') ORDER BY starts_at DESC LIMIT 1`)
		if s.count(t, `SELECT count(*) FROM agenda_item WHERE meeting_id = $1`, id) > 0 {
			id = s.count(t, `INSERT INTO meeting (body, starts_at, ends_at, state, announced)
				VALUES ('cmtin', now() + interval '40 days', now() + interval '40 days 2 hours', 'draft', true) RETURNING id`)
		}
		v.at("/equipe/reunions/" + strconv.Itoa(id) + "/ordre-du-jour")
		v.sends("Reprendre les points permanents")
		for _, title := range []string{"Alpha", "Beta", "Gamma"} {
			v.write("Intitulé", title)
			v.tick("Décision")
			v.write("Durée", "20")
			v.sends("Ajouter le point")
		}
		v.reads("4. Beta", "5. Gamma", "6. Questions diverses")
		v.sends("Monter : point 5, Gamma")
		v.reads("Le point 5 est maintenant le point 4.", "4. Gamma")
		v.clean(o)
		if dir := os.Getenv("AGENDA_SHOTS"); dir != "" && !o.NoScript {
			v.Screenshot(dir + "/agenda.png")
		}
		if !o.NoScript {
			v.handles(t)
		}
		v.sends("Mettre en sous-point : point 4")
		v.reads("est maintenant le point 3.1.")
		v.clean(o)
	})
}

// handles moves points by the keyboard, then by the pointer.
func (v *visitor) handles(t *testing.T) {
	t.Helper()
	wait := func(words, order string) {
		t.Helper()
		until(t, words, func() bool {
			return strings.Contains(browsertest.Eval[string](v.Tab, `document.getElementById("agenda-dit").textContent`), words)
		})
		if got := browsertest.Eval[string](v.Tab, agendaTitles); !strings.HasPrefix(got, order) {
			t.Errorf("%s: the agenda reads %s, want %s", words, got, order)
		}
	}
	browsertest.Eval[bool](v.Tab, `document.querySelectorAll("[data-handle]")[4].focus() ?? true`) // Beta
	v.Press(kb.ArrowUp)
	v.Press(kb.ArrowUp)
	wait("Le point 5 est maintenant le point 3.", "1. Accueil et approbation du compte rendu précédent | 2. Suivi des décisions | 3. Beta | 4. Alpha | 5. Gamma")
	if got := browsertest.Eval[string](v.Tab, `document.activeElement.closest("[data-item]")?.dataset.name ?? ""`); got != "point 3, Beta" {
		t.Errorf("after the arrow keys, the focus is on %q", got)
	}
	at := browsertest.Eval[[]float64](v.Tab, `(() => { const h = document.querySelectorAll("[data-handle]"), items = document.querySelectorAll("[data-item]");
		items[3].scrollIntoView({block: "center", behavior: "instant"});
		const a = h[3].getBoundingClientRect(), b = items[2].getBoundingClientRect(); return [a.x + 8, a.y + 8, b.x + 60, b.y + 6]; })()`)
	move := func(kind input.DispatchMouseEventType, share float64) {
		t.Helper()
		_, err := chromedp.Run(v.Context(), chromedp.MouseEvent(kind, at[0]+(at[2]-at[0])*share, at[1]+(at[3]-at[1])*share, chromedp.ButtonLeft))
		if err != nil {
			t.Fatal(err)
		}
	}
	move("mousePressed", 0)
	for i := range 8 {
		move("mouseMoved", float64(i+1)/8)
	}
	move("mouseReleased", 1)
	wait("Le point 4 est maintenant le point 3.", "1. Accueil et approbation du compte rendu précédent | 2. Suivi des décisions | 3. Alpha | 4. Beta | 5. Gamma")
}
