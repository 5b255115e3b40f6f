import { useMutation } from "@tanstack/react-query";
import { type Schema, sure } from "@venuefinder/client";
import { type FormEvent, useState } from "react";
import { Icon } from "../parts/icons";
import { words } from "../parts/Trouble";
import { service } from "../service";

type Answer = Schema<"QuestionAnswer">;

interface Props {
  id: string;
  onShow: (photo: number, note: string) => void;
}

const SUGGESTIONS = ["Is there a stage?", "Is there parking?", "Could 80 people dine outside?"];

/** A question that yes or no answers, put to photos and listing. */
export function Ask({ id, onShow }: Props) {
  const [question, setQuestion] = useState("");
  const [answers, setAnswers] = useState<readonly Answer[]>([]);
  const asking = useMutation({
    mutationFn: async (text: string) =>
      sure(
        await service.api.POST("/v1/venues/{external_id}/ask", {
          params: { path: { external_id: id } },
          body: { question: text },
        }),
      ),
    onSuccess: (answer) => {
      setAnswers((before) => [answer, ...before.filter((one) => one.question !== answer.question)]);
      setQuestion("");
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (question.trim()) asking.mutate(question.trim());
  };
  return (
    <section className="ask-venue" aria-labelledby="ask-title">
      <h2 id="ask-title">Ask about this venue</h2>
      <form className="row" onSubmit={submit}>
        <input
          aria-label="A question that yes or no answers"
          placeholder="Is there a stage?"
          value={question}
          maxLength={300}
          onChange={(event) => setQuestion(event.target.value)}
        />
        <button type="submit" className="button primary" disabled={asking.isPending}>
          {asking.isPending ? "Looking…" : "Ask"}
        </button>
      </form>
      {answers.length === 0 && (
        <ul className="pills">
          {SUGGESTIONS.map((suggestion) => (
            <li key={suggestion}>
              <button
                type="button"
                className="pill"
                disabled={asking.isPending}
                onClick={() => asking.mutate(suggestion)}
              >
                {suggestion}
              </button>
            </li>
          ))}
        </ul>
      )}
      {asking.error && (
        <p role="alert" className="error">
          {words(asking.error).title}. {words(asking.error).advice}
        </p>
      )}
      <ul className="answers" aria-live="polite">
        {answers.map((answer) => (
          <li key={answer.question}>
            <p className="question">{answer.question}</p>
            <p>
              <span className={`answer-status mark-${answer.status}`}>
                <Icon name={answer.status} size={16} />
              </span>{" "}
              {answer.text}
            </p>
            {answer.photo_id !== null && (
              <button
                type="button"
                className="button"
                onClick={() => answer.photo_id !== null && onShow(answer.photo_id, answer.question)}
              >
                <Icon name="image" size={16} /> Show the photo
              </button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
