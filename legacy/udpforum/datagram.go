package udpforum

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// A datagram to the door is HELLO with spaces up to 64 bytes, or a request. A request is the
// cookie that answered HELLO, a number that counts up from 1, and a text. A datagram from the
// door is a cookie or an answer. An answer is the number of the request and a text, or the
// number of the request, the number of a piece, the number of pieces, and the piece: "7 2/3
// text".
const (
	helloText  = "HELLO"
	helloBytes = 64

	maxRequest  = 4096 // bytes of a request's text
	maxAnswer   = 1200 // bytes of a datagram with an answer; every path takes datagrams of this size
	maxDatagram = cookieText + len(" 18446744073709551615 ") + maxRequest
)

// isHello reports whether a datagram asks for a cookie. It must be longer than the cookie, so
// that a sender with a forged address cannot cause more traffic than it sends.
func isHello(datagram string) bool {
	return len(datagram) == helloBytes && strings.TrimRight(datagram, " ") == helloText
}

// parseRequest parses a request. A text longer than maxRequest becomes empty.
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

// likePiece matches the beginning of a piece. An answer in one datagram must not begin like
// that.
var likePiece = regexp.MustCompile(`^[0-9]+/[0-9]+ `)

// answer returns the datagrams of the answer to a request.
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
