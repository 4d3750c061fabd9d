package console

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"net/http"
)

//go:embed asset/console.css asset/icon.svg
var assetFiles embed.FS

// assets are the files that pages load. Their paths hold a sum of the content, so
// that browsers may keep them for ever.
type assets struct {
	stylePath, iconPath string
	style, icon         http.HandlerFunc
}

func loadAssets() (assets, error) {
	var a assets
	var err error
	if a.stylePath, a.style, err = asset("console", "css", "text/css; charset=utf-8"); err != nil {
		return a, err
	}
	a.iconPath, a.icon, err = asset("icon", "svg", "image/svg+xml")
	return a, err
}

func asset(name, ext, mediaType string) (path string, h http.HandlerFunc, err error) {
	content, err := assetFiles.ReadFile("asset/" + name + "." + ext)
	if err != nil {
		return "", nil, fmt.Errorf("console: %w", err)
	}
	sum := sha256.Sum256(content)
	path = "/assets/" + name + "-" + hex.EncodeToString(sum[:6]) + "." + ext
	return path, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", mediaType)
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		_, _ = w.Write(content)
	}, nil
}
