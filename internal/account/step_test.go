package account

import (
	"errors"
	"strings"
	"testing"
	"time"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/throttle"
)

func TestTOTPIsTakenOnce(t *testing.T) {
	t.Parallel()
	w := inPool(t, Options{RequireSecondFactor: true})
	h := w.account(access.Team)
	out, err := w.SignIn(t.Context(), h.Email, goodPassword, home)
	if err != nil || out.Step == nil || out.Step.Method != Enrolment {
		t.Fatalf("first sign-in of the team: %+v, %v", out, err)
	}
	secret := out.Step.Secret
	first := w.codeAt(secret, 0)
	in, codes, err := w.FinishStep(t.Context(), out.Step.Token, first, home)
	if err != nil || in == nil || len(codes) != recoveryCodes {
		t.Fatalf("enrolment: %v, %d codes, %v", in, len(codes), err)
	}
	if _, _, err := w.FinishStep(t.Context(), out.Step.Token, w.codeAt(secret, 1), home); !errors.Is(err, ErrStepOver) {
		t.Errorf("a step used twice: %v", err)
	}

	replay := w.step(h)
	if _, _, err := w.FinishStep(t.Context(), replay, first, home); problem.KindOf(err) != problem.Invalid {
		t.Errorf("the code of the enrolment again: %v", err)
	}
	next := w.codeAt(secret, 1)
	steps := []string{w.step(h), w.step(h), w.step(h)}
	errs := atOnce(len(steps), func(i int) error {
		_, _, err := w.FinishStep(t.Context(), steps[i], next, home)
		return err
	})
	if n := succeeded(errs); n != 1 {
		t.Errorf("one code signed in %d times at once: %v", n, errs)
	}
	errs = atOnce(3, func(int) error {
		_, _, err := w.FinishStep(t.Context(), w.step(h), codes[0], home)
		return err
	})
	if n := succeeded(errs); n != 1 {
		t.Errorf("one recovery code signed in %d times: %v", n, errs)
	}
}

// step signs in up to the second step.
func (w *world) step(h holder) string {
	w.t.Helper()
	out, err := w.SignIn(w.t.Context(), h.Email, goodPassword, home)
	if err != nil || out.Step == nil {
		w.t.Fatalf("%+v, %v", out, err)
	}
	return out.Step.Token
}

func TestStepBearsFiveTries(t *testing.T) {
	t.Parallel()
	w := inTx(t, Options{RequireSecondFactor: true})
	h := w.account()
	token := w.step(h)
	for i := range stepTries {
		if _, _, err := w.FinishStep(t.Context(), token, "x", home); problem.KindOf(err) != problem.Invalid {
			t.Fatalf("try %d: %v", i, err)
		}
	}
	if _, _, err := w.FinishStep(t.Context(), token, "x", home); !errors.Is(err, ErrStepOver) {
		t.Errorf("sixth try: %v", err)
	}
	token = w.step(h)
	w.exec(`UPDATE account SET password_changed_at = password_changed_at - interval '1 second' WHERE id = $1`, h.ID)
	if _, _, err := w.FinishStep(t.Context(), token, "x", home); !errors.Is(err, ErrStepOver) {
		t.Errorf("password changed meanwhile: %v", err)
	}
	token = w.step(h)
	w.exec(`UPDATE sign_in_step SET expires_at = now() - interval '1 second'`)
	if _, err := w.ReadStep(t.Context(), token); !errors.Is(err, ErrStepOver) {
		t.Errorf("eleven minutes later: %v", err)
	}
	for range limitCode.Max {
		_ = throttle.Count(t.Context(), w.db, codeKey(h.ID))
	}
	if _, _, err := w.FinishStep(t.Context(), w.step(h), "x", home); problem.KindOf(err) != problem.TooMany {
		t.Errorf("many steps in a row: %v, want TooMany", err)
	}
}

// RFC 6238, appendix B, on the last six digits.
func TestMatchTOTP(t *testing.T) {
	t.Parallel()
	const secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" // "12345678901234567890"
	for unix, code := range map[int64]string{59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037"} {
		at := time.Unix(unix, 0)
		if got := matchTOTP(secret, code, at, 0); got != unix/totpPeriod {
			t.Errorf("at %d: step %d, want %d", unix, got, unix/totpPeriod)
		}
		if matchTOTP(secret, code, at.Add(30*time.Second), 0) == 0 {
			t.Errorf("at %d: refused one step late", unix)
		}
		if matchTOTP(secret, code, at.Add(90*time.Second), 0) != 0 {
			t.Errorf("at %d: accepted three steps late", unix)
		}
		if matchTOTP(secret, code, at, unix/totpPeriod) != 0 {
			t.Errorf("at %d: accepted twice", unix)
		}
	}
	if matchTOTP("not base32!", "000000", time.Unix(59, 0), 0) != 0 {
		t.Error("a broken key accepts a code")
	}
}

func TestOTPAuthURL(t *testing.T) {
	t.Parallel()
	got := OTPAuthURL("a+b@example.org", "ABC")
	want := "otpauth://totp/Inclusion%20num%C3%A9rique%20Bordeaux%20M%C3%A9tropole:a+b@example.org?issuer=Inclusion%20num%C3%A9rique%20Bordeaux%20M%C3%A9tropole&secret=ABC"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	qr, err := QRCode(got)
	if err != nil || qr.Size < 29 || !strings.HasPrefix(qr.Path, "M4 4h1v1h-1z") {
		t.Errorf("QR of side %d, %v", qr.Size, err)
	}
}

func TestMailedCode(t *testing.T) {
	t.Parallel()
	w := inTx(t, Options{RequireSecondFactor: true})
	h := w.account()
	out, err := w.SignIn(t.Context(), h.Email, goodPassword, home)
	if err != nil || out.Step == nil || out.Step.Method != ByMail {
		t.Fatalf("unknown browser: %+v, %v", out, err)
	}
	code := value[string](w, `SELECT secret_link FROM mail WHERE to_address = $1 AND kind = 'sign_in_code'`, h.Email)
	if body := value[string](w, `SELECT text_body FROM mail WHERE to_address = $1`, h.Email); strings.Contains(body, code) {
		t.Error("the code stands in the body, where the team reads it")
	}
	if _, _, err := w.FinishStep(t.Context(), w.step(h), code, home); problem.KindOf(err) != problem.Invalid {
		t.Errorf("the code of another step: %v", err)
	}
	in, _, err := w.FinishStep(t.Context(), out.Step.Token, code, home)
	if err != nil || in.Browser == "" {
		t.Fatalf("right code: %+v, %v", in, err)
	}
	again, err := w.SignIn(t.Context(), h.Email, goodPassword, Visitor{Address: home.Address, Browser: in.Browser})
	if err != nil || again.SignedIn == nil || again.SignedIn.Browser != "" {
		t.Errorf("known browser: %+v, %v", again, err)
	}
	other := w.account()
	out, err = w.SignIn(t.Context(), other.Email, goodPassword, Visitor{Address: home.Address, Browser: in.Browser})
	if err != nil || out.Step == nil {
		t.Errorf("a browser known of somebody else: %+v, %v", out, err)
	}
}
