package web_test
import ("testing";"time";"context";"github.com/chromedp/chromedp";"bordeaux-metropole.fr/portal/web/browsertest")
func TestZZProbe(t *testing.T){
	s := newSite(t); v := s.open(t, browsertest.Options{})
	v.at("/")
	v.mark("link", "a[href]", "Voir qui siège", "e => e")
	t.Log(v.Submit(found), v.path())
	v.mark("link", "a[href]", "Comité métropolitain territorial pour l’inclusion numérique", "e => e")
	chromedp.Listen(v.Context(), func(ev any){ t.Logf("%T %+v", ev, ev) })
	ctx, c := context.WithTimeout(v.Context(), 4*time.Second); defer c()
	t.Log(chromedp.RunResponse(ctx, chromedp.Click(chromedp.CSS(found))))
	t.Log(v.path())
}
