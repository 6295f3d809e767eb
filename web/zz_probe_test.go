package web_test
import ("testing";"bordeaux-metropole.fr/portal/web/browsertest")
func TestZZProbe(t *testing.T){
	t.Run("g", func(t *testing.T){
	for _, o := range []browsertest.Options{{},{NoScript:true}} { t.Run("x", func(t *testing.T){ t.Parallel()
	s := newSite(t); v := s.open(t, o)
	v.sit(s.signIn(t,"equipe@example.org"))
	for range 6 {
	v.at(s.seat(t, vacantSeat) + "/mandats/nouveau")
	v.tabTo("Enregistrer la désignation")
	t.Log(v.enter())
	v.tabTo("Saisissez le prénom")
	browsertest.Eval[bool](v.Tab, `window.__mark = 1, true`)
	v.Press("\r")
	for range 3 {
	t.Log(browsertest.Eval[string](v.Tab, `location.href+" "+document.activeElement.outerHTML.slice(0,150)+" mark="+window.__mark+" "+document.readyState+" foc="+document.hasFocus()`))
	v.Press("a")
	}
	t.Log(browsertest.Eval[string](v.Tab, `document.querySelector("#prenom").value`))
	}
	})}
	})
}
