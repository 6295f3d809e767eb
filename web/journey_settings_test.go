package web_test

import (
	"net/http"
	"testing"

	"bordeaux-metropole.fr/portal/web/browsertest"
)

// TestJourneySettingConflict: two of the team change the same rule; the second sees
// both versions and decides, and the public page shows what was decided.
func TestJourneySettingConflict(t *testing.T) {
	inTwoWays(t, func(t *testing.T, o browsertest.Options) {
		s := newSite(t)
		first, second := s.open(t, o), s.open(t, o)
		for email, v := range map[string]*visitor{"equipe@example.org": first, "equipe2@example.org": second} {
			v.signsIn(email)
			v.follow("Réglages")
			v.mark("card", "main a[href]", "CMTIN", "e => e")
			if status := v.Submit(found); status != http.StatusOK {
				t.Fatalf("the card of the CMTIN: status %d", status)
			}
			v.follow("Modifier : Délai de convocation")
		}
		fill := func(v *visitor, days, note string) {
			v.write("Valeur", days)
			v.tick("Règlement intérieur")
			v.write("Note", note)
		}
		fill(first, "15", "article 4")
		fill(second, "21", "article 5")
		first.sends("Enregistrer le réglage")
		first.reads("15 jours")
		if status := second.push("Enregistrer le réglage"); status != http.StatusConflict {
			t.Fatalf("the second to send: status %d, want 409\n%s", status, second.main())
		}
		second.reads("Quelqu’un d’autre a fait une modification pendant votre saisie.", "15 jours", "21 jours", "article 4", "article 5")
		if got := second.holds("Valeur"); got != "21" {
			t.Errorf("what was typed came back as %q", got)
		}
		second.clean(o)
		second.sends("Enregistrer ma version")
		second.reads("21 jours")
		visitor := s.open(t, o)
		visitor.at("/instances/cmtin")
		visitor.reads("21 jours", "article 5")
	})
}
