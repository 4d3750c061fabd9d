package transport

import (
	"encoding/binary"
	"encoding/json"
	"strings"

	"github.com/gorilla/websocket"
)

const finalFrame = 0x80

// appendHeader appends the header of a whole, unmasked frame (RFC 6455, 5.2).
func appendHeader(dst []byte, opcode byte, size int) []byte {
	dst = append(dst, finalFrame|opcode)
	switch {
	case size < 126:
		return append(dst, byte(size))
	case size < 1<<16:
		return binary.BigEndian.AppendUint16(append(dst, 126), uint16(size))
	default:
		return binary.BigEndian.AppendUint64(append(dst, 127), uint64(size))
	}
}

func frame(opcode byte, payload []byte) []byte {
	out := appendHeader(make([]byte, 0, len(payload)+10), opcode, len(payload))
	return append(out, payload...)
}

// closeFrame cuts the reason to what a control frame holds.
func closeFrame(code int, reason string) []byte {
	reason = strings.ToValidUTF8(reason[:min(len(reason), 123)], "")
	return frame(websocket.CloseMessage, websocket.FormatCloseMessage(code, reason))
}

// message is one of the protocol's messages from the server.
type message struct {
	ID      string `json:"id,omitempty"`
	Type    string `json:"type"`
	Payload any    `json:"payload,omitempty"`
}

func (m message) frame() []byte {
	data, err := json.Marshal(m)
	if err != nil {
		// Extensions of an error that JSON cannot hold; the rest is strings.
		data = append(append([]byte(`{"id":`), quote(m.ID)...), `,"type":"error","payload":[{"message":"Internal error."}]}`...)
	}
	return frame(websocket.TextMessage, data)
}

// nextPrefix is what a result's message begins with; the result and a brace follow.
func nextPrefix(id string) []byte {
	return append(append([]byte(`{"id":`), quote(id)...), `,"type":"next","payload":`...)
}

// quote writes a JSON string.
func quote(s string) []byte {
	out, err := json.Marshal(s)
	if err != nil {
		return []byte(`""`) // does not happen: any string can be written
	}
	return out
}

func appendNext(dst, prefix, payload []byte) []byte {
	dst = appendHeader(dst, websocket.TextMessage, len(prefix)+len(payload)+1)
	dst = append(append(dst, prefix...), payload...)
	return append(dst, '}')
}
