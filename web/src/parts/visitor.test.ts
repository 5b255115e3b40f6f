import { expect, test } from "vitest";
import { asksNotToBeFollowed, name } from "./visitor";

const browser = (says: object) => says as Navigator;

test("a browser that asks not to be followed is not", () => {
  expect(asksNotToBeFollowed(browser({ globalPrivacyControl: true }))).toBe(true);
  expect(asksNotToBeFollowed(browser({ doNotTrack: "1" }))).toBe(true);
  expect(asksNotToBeFollowed(browser({ globalPrivacyControl: false, doNotTrack: null }))).toBe(false);
});

test("a visitor's name is one that the service takes", () => {
  expect(name(new Uint8Array([0, 7, 255]))).toBe("0007ff");
  expect(name(new Uint8Array(16))).toMatch(/^[A-Za-z0-9_-]{8,64}$/);
});
