package udpforum

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// A datagram to the door is HELLO with spaces up to 64 bytes, or a request: the cookie
// that HELLO was answered with, a number that counts up from 1, and a text. One from the
// door is a cookie, or the answer to a request: its number and a text, or its number, a
// piece's number, how many pieces there are, and the piece: "7 2/3 text".
const (
	helloText  = "HELLO"
	helloBytes = 64

	maxRequest  = 4096 // bytes of a text
	maxAnswer   = 1200 // bytes of a datagram with an answer, which is less than any path takes
	maxDatagram = cookieText + len(" 18446744073709551615 ") + maxRequest
)

// isHello reports whether a datagram asks for a cookie. It is longer than the cookie, so
// that nobody can have more sent to somebody else than they send themselves.
func isHello(datagram string) bool {
	return len(datagram) == helloBytes && strings.TrimRight(datagram, " ") == helloText
}

// parseRequest takes a request apart. Of a text that is too long nothing is taken.
func parseRequest(datagram string) (cookie string, number uint64, text string, ok bool) {
	cookie, rest, _ := strings.Cut(datagram, " ")
	digits, text, _ := strings.Cut(rest, " ")
	number, err := strconv.ParseUint(digits, 10, 64)
	if err != nil || digits[0] == '0' {
		return "", 0, "", false
	}
	if len(text) > maxRequest {
		text = ""
	}
	return cookie, number, text, true
}

// likePiece is what a whole answer must not begin with.
var likePiece = regexp.MustCompile(`^[0-9]+/[0-9]+ `)

// answer returns the datagrams that answer a request.
func answer(number uint64, text string) (datagrams []string) {
	if whole := fmt.Sprintf("%d %s", number, text); len(whole) <= maxAnswer && !likePiece.MatchString(text) {
		return []string{whole}
	}
	room := maxAnswer - len(fmt.Sprintf("%d 999/999 ", number))
	pieces := (len(text) + room - 1) / room
	for i := range pieces {
		piece := text[i*room : min((i+1)*room, len(text))]
		datagrams = append(datagrams, fmt.Sprintf("%d %d/%d %s", number, i+1, pieces, piece))
	}
	return datagrams
}
