"""Features fixed before any data: deskewing, and wavelet scattering."""
