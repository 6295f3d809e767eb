package uitest_test

import (
	"strings"
	"testing"

	"bordeaux-metropole.fr/portal/web/ui/uitest"
)

const right = `<!DOCTYPE html><html lang="fr"><head><title>Titre</title></head><body><main><h1>Titre</h1>%</main></body></html>`

func problems(body string) []string {
	return uitest.Problems(strings.NewReader(strings.Replace(right, "%", body, 1)))
}

func TestRightPage(t *testing.T) {
	for _, body := range []string{
		``,
		`<label for="a">Nom</label><input id="a" name="a" type="text">`,
		`<label><input name="a" type="radio"> Oui</label>`,
		`<h2>Ici</h2><table><caption>C</caption><tr><th scope="col">A</th></tr></table>`,
		"<p>Qui\u202f? «\u00a0Moi\u00a0», l’un\u00a0: à 14:30, https://a.fr.</p>",
		`<svg aria-hidden="true"></svg><a href="#t">x</a><p id="t"></p>`,
	} {
		for _, p := range problems(body) {
			t.Errorf("%s: %s", body, p)
		}
	}
}

// Each fault is found, and told once.
func TestFaults(t *testing.T) {
	for body, want := range map[string]string{
		`<h1>Deux</h1>`:                                              "2 <h1>",
		`<h3>Trois</h3>`:                                             "h3 follows h1",
		`<i id="a"></i><i id="a"></i>`:                               "given 2 times",
		`<input name="a">`:                                           "without a label",
		`<select id="a"></select>`:                                   "without a label",
		`<label><input name="a" type="radio"></label>`:               "without a label",
		`<p aria-describedby="z"></p>`:                               "not in the page",
		`<a href="#z">x</a>`:                                         "not in the page",
		`<a href="/"></a>`:                                           "without a name",
		`<button></button>`:                                          "without a name",
		`<p style="color:red"></p>`:                                  "style attribute",
		`<p onclick="x()"></p>`:                                      "onclick",
		`<style>p{}</style>`:                                         "inline <style>",
		`<script>x()</script>`:                                       "inline <script>",
		`<script src="https://cdn.example/x.js"></script>`:           "third party",
		`<img src="/a.png">`:                                         "without alt",
		`<svg></svg>`:                                                "neither hidden nor named",
		`<table><tr><td>a</td></tr></table>`:                         "without a caption",
		`<table><caption>C</caption><tr><th>A</th></tr></table>`:     "scope",
		`<fieldset><p>x</p></fieldset>`:                              "without a legend",
		`<p tabindex="3"></p>`:                                       "tabindex",
		`<label for="a">A</label><input id="a" required>`:            "required",
		`<label for="a">A</label><input id="a" type="email">`:        "autocomplete",
		`<label for="a">A</label><input id="a" aria-invalid="true">`: "11.10",
		`<p>Qui ?</p>`:                                               "breaking space",
		`<p>Qui?</p>`:                                                "no space",
		`<p>l'un</p>`:                                                "straight apostrophe",
		`<p>« oui »</p>`:                                             "breaking space",
	} {
		if got := problems(body); len(got) != 1 || !strings.Contains(got[0], want) {
			t.Errorf("%s: got %q, want one about %q", body, got, want)
		}
	}
}
