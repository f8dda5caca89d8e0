"""The bundled fonts, unmodified files of DejaVu 2.37 (licence in LICENSE.txt beside them)."""
