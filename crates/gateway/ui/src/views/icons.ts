// The few icons, drawn in the colour of the text around them.
import { html, svg, type TemplateResult } from 'lit';

const icon = (body: TemplateResult) =>
  html`<svg class="icon" viewBox="0 0 24 24" width="20" height="20" fill="none" stroke="currentColor" stroke-width="1.75"
    stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">${body}</svg>`;

export const menuIcon = icon(svg`<path d="M4 7h16M4 12h16M4 17h10"/>`);
export const plusIcon = icon(svg`<path d="M12 5v14M5 12h14"/>`);
export const sendIcon = icon(svg`<path d="M12 19V5M6 11l6-6 6 6"/>`);
export const stopIcon = icon(svg`<rect x="7" y="7" width="10" height="10" rx="2" fill="currentColor" stroke="none"/>`);
export const downIcon = icon(svg`<path d="M12 5v14M6 13l6 6 6-6"/>`);
export const closeIcon = icon(svg`<path d="M6 6l12 12M18 6L6 18"/>`);
export const toolIcon = icon(svg`<path d="M14.5 6.5a4 4 0 0 0-5 5L4 17l3 3 5.5-5.5a4 4 0 0 0 5-5L15 12l-3-3z"/>`);
export const searchIcon = icon(svg`<circle cx="11" cy="11" r="6"/><path d="M16 16l4 4"/>`);
export const moreIcon = icon(svg`<circle cx="5.500" cy="12" r="1.300" fill="currentColor"/><circle cx="12" cy="12" r="1.300" fill="currentColor"/><circle cx="18.500" cy="12" r="1.300" fill="currentColor"/>`);
export const editIcon = icon(svg`<path d="M5 19l1-4L16 5l3 3L9 18zM14 7l3 3"/>`);
export const retryIcon = icon(svg`<path d="M19 12a7 7 0 1 1-2.200-5.100L19 9M19 4v5h-5"/>`);
export const attachIcon = icon(svg`<path d="M19 11.500l-6.800 6.800a4.300 4.300 0 0 1-6-6l7.100-7.200a2.900 2.900 0 0 1 4.100 4.100l-7.100 7.100a1.400 1.400 0 0 1-2-2l6.500-6.500"/>`);
export const checkIcon = icon(svg`<path d="M5 12.500l4.500 4.500L19 7.500"/>`);
export const commandIcon = icon(svg`<rect x="4" y="6" width="16" height="12" rx="2.500"/><path d="M7.500 10l2.500 2-2.500 2M12.500 14.500h4"/>`);
export const thoughtIcon = icon(svg`<path d="M9 18h6M10 21h4M12 3a6 6 0 0 0-3.500 10.900c.6.500 1 1.200 1 2V16h5v-.1c0-.8.4-1.500 1-2A6 6 0 0 0 12 3z"/>`);
export const chevronIcon = icon(svg`<path d="M9 6l6 6-6 6"/>`);
export const lightIcon = icon(svg`<circle cx="12" cy="12" r="4"/><path d="M12 3v2M12 19v2M3 12h2M19 12h2M5.600 5.600L7 7M17 17l1.400 1.400M18.400 5.600L17 7M7 17l-1.400 1.400"/>`);
export const copyIcon = icon(svg`<rect x="9" y="9" width="11" height="11" rx="2"/><path d="M5 15V6a2 2 0 0 1 2-2h8"/>`);

/** The mark: an open claw. */
export const mark = html`<svg class="mark" viewBox="0 0 32 32" width="28" height="28" aria-hidden="true">
  <rect width="32" height="32" rx="9" class="mark-ground"/>
  <path class="mark-claw" d="M21.8 7.2c-6.6-2.9-14.3 1.600-14.300 9 0 5.300 4.100 9.300 9 9.300 4.300 0 7.700-2.900 8.400-6.800-1.700 1.500-4 2.200-6.200 1.700-2.700-.6-4.500-2.800-4.400-5.300.1-3.600 3.300-6 7.500-7.900z"/>
  <path class="mark-claw" d="M25.600 9.700c-4.200 1-7.300 2.800-7.500 5.300-.1 1.700 1.200 2.900 2.900 2.900 3 0 5-3.700 4.600-8.200z"/>
</svg>`;
